/*
 * Pipes between tools.
 *
 * A pipe holds 64 KiB, no more than one write of out: each side then sleeps
 * until the other has done all of it, and both together take the sum of their
 * times. With room for several writes they run side by side.
 */
#ifndef PIPE_H
#define PIPE_H

/*
 * Let fd hold 1 MiB, if it is a pipe that holds less, on Linux, and the system
 * allows so much (pipe(7): /proc/sys/fs/pipe-max-size). Else nothing happens.
 */
void pipe_widen(int fd);

#endif
