/* The version, in one place. */
#ifndef VERSION_H
#define VERSION_H

#define MPTCP_TOOLS_VERSION "0.1"

#endif
