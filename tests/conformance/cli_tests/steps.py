# SPDX-License-Identifier: Apache-2.0
"""Short words for what many tests of a command line do."""


def run_id(cli, *arguments):
    return cli.run("run", "-d", *arguments).strip()


def remove(cli, *names):
    cli.run("rm", "-f", *names)


def exit_code(cli, *arguments):
    return cli.try_run(*arguments).returncode
