// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/read_ahead.h"

#include <algorithm>
#include <cstring>

#include "lib/base/status_macros.h"

namespace tug::tree {

ReadAheadSource::ReadAheadSource(std::unique_ptr<archive::Source> source)
    : source_(std::move(source)), thread_([this] { Run(); }) {}

ReadAheadSource::~ReadAheadSource() {
  {
    absl::MutexLock lock(&mutex_);
    abandoned_ = true;
  }
  thread_.join();
}

void ReadAheadSource::Run() {
  while (true) {
    std::string block(kBlockSize, '\0');
    size_t size = 0;
    absl::Status status;
    while (size < block.size()) {
      const absl::StatusOr<size_t> count =
          source_->Read(block.data() + size, block.size() - size);
      if (!count.ok()) status = count.status();
      if (!count.ok() || *count == 0) break;
      size += *count;
    }
    const bool last = !status.ok() || size < block.size();
    block.resize(size);
    hash_.Update(block);
    if (size > 0 && !Push(std::move(block))) return;
    if (!last) continue;
    absl::MutexLock lock(&mutex_);
    status_ = status;
    ended_ = true;
    return;
  }
}

bool ReadAheadSource::Push(std::string block) {
  absl::MutexLock lock(&mutex_);
  const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return abandoned_ || blocks_.size() < kMaxBlocks;
  };
  mutex_.Await(absl::Condition(&room));
  if (abandoned_) return false;
  blocks_.push_back(std::move(block));
  return true;
}

absl::StatusOr<size_t> ReadAheadSource::Read(char* buffer, size_t size) {
  if (at_ == current_.size()) {
    absl::MutexLock lock(&mutex_);
    const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return ended_ || !blocks_.empty();
    };
    mutex_.Await(absl::Condition(&ready));
    if (blocks_.empty()) {
      RETURN_IF_ERROR(status_);
      return 0;
    }
    current_ = std::move(blocks_.front());
    blocks_.pop_front();
    at_ = 0;
  }
  const size_t count = std::min(size, current_.size() - at_);
  memcpy(buffer, current_.data() + at_, count);
  at_ += count;
  return count;
}

oci::Digest ReadAheadSource::Finish() { return hash_.Finish(); }

}  // namespace tug::tree
