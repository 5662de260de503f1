// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/oci/digest.h"
#include "proto/tug/image/v1/image.pb.h"

namespace tug::imaged {

// One layer that is being fetched, for any number of pulls at once. Shared by
// the thread that fetches and the pulls that wait. Thread-safe.
class LayerFlight {
 public:
  using State = image::v1::LayerProgress::State;

  void Advance(State state, int64_t current);
  // True once every pull has left.
  bool cancelled() const { return waiting_ == 0; }

  struct Status {
    State state = image::v1::LayerProgress::PENDING;
    int64_t current = 0;
    std::optional<absl::Status> outcome;  // Set when it has ended.
  };
  Status status() const;

 private:
  friend class LayerFlights;
  mutable absl::Mutex mutex_;
  Status status_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> waiting_ = 0;
};

// Sees to it that a layer that several pulls want is fetched once. A flight
// ends early when the last pull that waits for it leaves.
//
// Thread-safe. Destruction cancels all flights and waits for them.
class LayerFlights {
 public:
  // `on_abandoned` runs on a flight's thread when it has ended after the last
  // pull had left: nobody else cleans up behind it.
  explicit LayerFlights(std::function<void()> on_abandoned)
      : on_abandoned_(std::move(on_abandoned)) {}
  ~LayerFlights();

  // Joins the flight for `blob`, or starts one on a thread of its own.
  std::shared_ptr<LayerFlight> Join(
      const oci::Digest& blob, std::function<absl::Status(LayerFlight&)> fetch);

  // Waits until a flight that everybody has left has cleaned up, at most until
  // `deadline`: a registry may hold it longer.
  void AwaitEnd(const std::shared_ptr<LayerFlight>& flight,
                absl::Time deadline);

  // Gives the flight up; once for each Join.
  void Leave(const std::shared_ptr<LayerFlight>& flight);

 private:
  void Run(const oci::Digest& blob, std::shared_ptr<LayerFlight> flight,
           const std::function<absl::Status(LayerFlight&)>& fetch);

  const std::function<void()> on_abandoned_;
  absl::Mutex mutex_;
  std::map<oci::Digest, std::shared_ptr<LayerFlight>> flights_
      ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tug::imaged
