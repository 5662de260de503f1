// SPDX-License-Identifier: Apache-2.0
//
// The steps between clone and exec, in the order of child.cc. Each is a
// StepFunction; its file tells its rules. Async-signal-safe, no allocation.
#pragma once

#include "services/runtimed/init/context.h"
#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// descriptors.cc
long CloseStrangers(InitContext& context);
long CloseInheritedFds(InitContext& context);

// image_file.cc
long OpenOwnDescriptors(InitContext& context);
long ReopenOwnDescriptors(InitContext& context);

// join.cc
long JoinCgroups(InitContext& context);
long JoinNamespaces(InitContext& context);
long JoinContainer(InitContext& context);
const char* NamespaceName(uint64_t flag);

// limits.cc
long SetOomScore(InitContext& context);
long SetLimits(InitContext& context);

// pid_namespace.cc
long EnterPidNamespace(InitContext& context);

// mount_sources.cc
long OpenSources(InitContext& context);
long MakePrivate(InitContext& context);

// root_file_system.cc
long MountRoot(InitContext& context);
long PivotRoot(InitContext& context);
long SetRootPropagation(InitContext& context);
long SealRoot(InitContext& context);

// mounts.cc
long ApplyMounts(InitContext& context);

// devices.cc
long MakeDevices(InitContext& context);

// terminal.cc
long OpenTerminal(InitContext& context);
long OpenExecTerminal(InitContext& context);

// kernel_settings.cc
long OpenPrivateProc(InitContext& context);
long SetSysctls(InitContext& context);
long SetHostname(InitContext& context);
long SetAppArmor(InitContext& context);

// masked_paths.cc
long MaskPaths(InitContext& context);
long MakePathsReadOnly(InitContext& context);

// identity.cc
long OpenRoot(InitContext& context);
long LookUpIdentity(InitContext& context);

// working_directory.cc
long EnterWorkingDirectory(InitContext& context);

// standard_streams.cc
long SetStandardStreams(InitContext& context);
long MakeSession(InitContext& context);

// privileges.cc
long ConfineEarly(InitContext& context);
long ChangeUser(InitContext& context);
long DieWithShim(InitContext& context);
long LoadSeccompUnlessNoNewPrivs(InitContext& context);
long DropPrivileges(InitContext& context);
long LoadSeccompIfNoNewPrivs(InitContext& context);

// program.cc: returns only on failure; `*step` tells of what.
long RunProgram(InitContext& context, LaunchStep* step);

}  // namespace tug::runtimed
