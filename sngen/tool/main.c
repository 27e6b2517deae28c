/* SPDX-License-Identifier: MIT */
/* The program; all of it is in tool.c, so that tests can link it. */
#include "tool/command.h"

int main(int argc, char **argv)
{
    return sn_tool_main(argc, argv);
}
