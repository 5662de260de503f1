// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/layer_flights.h"

#include "lib/base/thread.h"

namespace tug::imaged {

void LayerFlight::Advance(State state, int64_t current) {
  absl::MutexLock lock(&mutex_);
  status_.state = state;
  status_.current = current;
}

LayerFlight::Status LayerFlight::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

LayerFlights::~LayerFlights() {
  absl::MutexLock lock(&mutex_);
  for (auto& [blob, flight] : flights_) flight->waiting_ = 0;
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_ == 0;
  };
  mutex_.Await(absl::Condition(&idle));
}

std::shared_ptr<LayerFlight> LayerFlights::Join(
    const oci::Digest& blob, std::function<absl::Status(LayerFlight&)> fetch) {
  absl::MutexLock lock(&mutex_);
  const auto found = flights_.find(blob);
  // One that everybody has left is ending; its upload may still be held.
  const auto free = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto other = flights_.find(blob);
    return other == flights_.end() || !other->second->cancelled();
  };
  if (found != flights_.end()) mutex_.Await(absl::Condition(&free));
  std::shared_ptr<LayerFlight>& flight = flights_[blob];
  if (flight == nullptr) {
    flight = std::make_shared<LayerFlight>();
    flight->waiting_ = 1;
    ++running_;
    // Ends before this object does: the destructor waits for `running_`.
    const absl::Status started = StartDetached(
        [this, blob, flight = flight, fetch] { Run(blob, flight, fetch); });
    if (started.ok()) return flight;
    --running_;
    absl::MutexLock flight_lock(&flight->mutex_);
    flight->status_.outcome = started;
    const std::shared_ptr<LayerFlight> failed = flight;
    flights_.erase(blob);
    return failed;
  }
  ++flight->waiting_;
  return flight;
}

void LayerFlights::Run(const oci::Digest& blob,
                       std::shared_ptr<LayerFlight> flight,
                       const std::function<absl::Status(LayerFlight&)>& fetch) {
  const absl::Status outcome = fetch(*flight);
  if (flight->cancelled()) on_abandoned_();
  absl::MutexLock lock(&mutex_);
  flights_.erase(blob);
  --running_;
  absl::MutexLock flight_lock(&flight->mutex_);
  flight->status_.outcome = outcome;
}

void LayerFlights::AwaitEnd(const std::shared_ptr<LayerFlight>& flight,
                            absl::Time deadline) {
  if (!flight->cancelled()) return;  // Others still want it.
  const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(flight->mutex_) {
    return flight->status_.outcome.has_value();
  };
  absl::MutexLock lock(&flight->mutex_);
  flight->mutex_.AwaitWithDeadline(absl::Condition(&ended), deadline);
}

void LayerFlights::Leave(const std::shared_ptr<LayerFlight>& flight) {
  absl::MutexLock lock(&mutex_);
  if (flight->waiting_ > 0) --flight->waiting_;
}

}  // namespace tug::imaged
