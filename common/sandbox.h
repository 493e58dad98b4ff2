/*
 * What a tool gives up once its inputs are open, since nothing in a capture is
 * trusted and captures are often read as root: no new files, no network, no
 * other program, nothing that reaches another one. Where the system can't do
 * that, nothing changes.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

/* From here on, for good: open(), socket(), execve() and their like fail with EPERM. */
void sandbox_enter(void);

#endif
