// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/parallel.h"

#include <pthread.h>

#include <optional>

namespace tug::gatewayd {
namespace {

struct Task {
  const std::function<absl::Status()>* step;
  absl::Status status;
  std::optional<pthread_t> thread;
};

void* RunTask(void* argument) {
  Task* const task = static_cast<Task*>(argument);
  task->status = (*task->step)();
  return nullptr;
}

}  // namespace

absl::Status RunParallel(std::vector<std::function<absl::Status()>> steps) {
  std::vector<Task> tasks(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) tasks[i].step = &steps[i];
  for (size_t i = 1; i < tasks.size(); ++i) {
    pthread_t thread;
    if (::pthread_create(&thread, nullptr, &RunTask, &tasks[i]) == 0) {
      tasks[i].thread = thread;
    }
  }
  absl::Status first;
  for (Task& task : tasks) {
    if (task.thread.has_value()) {
      ::pthread_join(*task.thread, nullptr);
    } else {
      RunTask(&task);
    }
  }
  for (Task& task : tasks) {
    if (first.ok()) first = std::move(task.status);
  }
  return first;
}

}  // namespace tug::gatewayd
