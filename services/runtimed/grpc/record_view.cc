// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/grpc/record_view.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Container;

void AddHealth(const Runtime& rt, Container& container) {
  auto health = rt.health.Get(container.id());
  if (health.has_value()) *container.mutable_health() = *std::move(health);
}

void CopyConfig(const runtime::v1::Config& from, runtime::v1::Config& to) {
  if (from.has_labels()) *to.mutable_labels() = from.labels();
  to.set_image(from.image());
  if (from.has_exposed_ports()) {
    *to.mutable_exposed_ports() = from.exposed_ports();
  }
  to.set_tty(from.tty());
}

void CopyHost(const runtime::v1::HostConfig& from,
              runtime::v1::HostConfig& to) {
  to.set_network_mode(from.network_mode());
  to.set_auto_remove(from.auto_remove());
  if (from.has_annotations()) *to.mutable_annotations() = from.annotations();
  // A list shows them as names of the containers that they lead to.
  if (from.has_links()) *to.mutable_links() = from.links();
  // The reconciler decides by it after a boot.
  if (from.has_restart_policy()) {
    *to.mutable_restart_policy() = from.restart_policy();
  }
}

}  // namespace

Container FullView(const Runtime& rt, const ContainerRecord& record) {
  Container container = record.container();
  for (std::string& id : rt.execs.IdsOf(container.id())) {
    container.add_exec_ids(std::move(id));
  }
  AddHealth(rt, container);
  return container;
}

Container BasicView(const Runtime& rt, const ContainerRecord& record) {
  const Container& full = record.container();
  Container basic;
  basic.set_id(full.id());
  basic.set_name(full.name());
  basic.set_state(full.state());
  *basic.mutable_created() = full.created();
  CopyConfig(full.config(), *basic.mutable_config());
  CopyHost(full.host_config(), *basic.mutable_host_config());
  basic.set_image_id(full.image_id());
  basic.set_path(full.path());
  *basic.mutable_args() = full.args();
  *basic.mutable_mounts() = full.mounts();
  basic.set_platform(full.platform());
  basic.set_image_manifest_descriptor(full.image_manifest_descriptor());
  basic.set_pid(full.pid());
  basic.set_exit_code(full.exit_code());
  if (full.has_started_at()) *basic.mutable_started_at() = full.started_at();
  if (full.has_finished_at()) *basic.mutable_finished_at() = full.finished_at();
  basic.set_oom_killed(full.oom_killed());
  basic.set_restart_count(full.restart_count());
  basic.set_manually_stopped(full.manually_stopped());
  basic.set_interrupted(full.interrupted());
  AddHealth(rt, basic);
  return basic;
}

Container ShortView(const Runtime& rt, const ContainerRecord& record) {
  Container view = BasicView(rt, record);
  view.mutable_config()->clear_labels();
  view.mutable_config()->clear_exposed_ports();
  view.mutable_host_config()->clear_annotations();
  view.clear_args();
  view.clear_mounts();
  view.clear_image_manifest_descriptor();
  return view;
}

}  // namespace tug::runtimed
