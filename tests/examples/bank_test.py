#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bank says to wrong command lines, and that failures do happen.

  bank_test.py <bank>
"""
import re
import subprocess
import sys
import unittest

BANK = sys.argv.pop()


def bank(*arguments):
    return subprocess.run([BANK, *arguments], capture_output=True, text=True, check=False)


class Bank(unittest.TestCase):
    def test_wrong_options(self):
        for arguments in (["--seed", "x"], ["--seed"], ["--accounts", "0"], ["--accounts", "257"],
                          ["--fail", "1001"], ["--fail", "-1"], ["--unknown"], ["more"]):
            run = bank(*arguments)
            self.assertEqual(2, run.returncode, arguments)
            self.assertIn("usage: bank", run.stderr, arguments)
            self.assertEqual("", run.stdout, arguments)

    def test_help(self):
        run = bank("--help")
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        self.assertIn("usage: bank", run.stdout)

    def test_failures_are_seen(self):
        run = bank("--fail", "100", "--transfers", "2000", "--accounts", "10")
        self.assertEqual(0, run.returncode, run.stderr)
        numbers = re.fullmatch(
            r"seed 1: (\d+) done, (\d+) without funds, (\d+) failed; (\d+) restarts; "
            r"1000 in all accounts\n", run.stdout)
        self.assertIsNotNone(numbers, run.stdout)
        done, no_funds, failed, restarts = map(int, numbers.groups())
        self.assertEqual(2000, done + no_funds + failed)
        self.assertGreater(done, 0)
        self.assertGreater(failed, 0)
        self.assertGreater(restarts, 0)

    def test_without_failures_nothing_restarts(self):
        run = bank("--fail", "0", "--transfers", "2000")
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertIn(" 0 failed; 0 restarts;", run.stdout)


if __name__ == "__main__":
    unittest.main()
