/* SPDX-License-Identifier: MIT */
#ifndef SN_IO_EPOLL_H
#define SN_IO_EPOLL_H

struct sn_io_ops;

/* The back end on epoll(7): any Linux, any sandbox. */
extern const struct sn_io_ops sn_io_epoll_ops;

#endif
