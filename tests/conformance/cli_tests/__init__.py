# SPDX-License-Identifier: Apache-2.0
"""What a person does with the command line, for the docker client and for
tug alike. The fixture is a Docker object of harness/docker.py."""

from conformance.cli_tests import (containers, networks, storage,  # noqa: F401
                                   streams)
