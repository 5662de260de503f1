// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <memory>
#include <string>

#include "lib/base/check.h"
#include "lib/base/clock.h"
#include "lib/event/event_bus.h"
#include "lib/files/trash.h"
#include "lib/kv/key_value_store.h"
#include "services/imaged/content/file_blob_store.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/images/image_service.h"
#include "services/imaged/retention/collector.h"
#include "services/imaged/snapshots/snapshot_service.h"
#include "services/imaged/stacks/base_layer.h"
#include "services/imaged/transfer/layer_flights.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// Everything of imaged below the wire, on a directory and a store that outlive
// it; making a second one on the same two is a restart.
class TestEngine {
 public:
  TestEngine(const std::string& directory, kv::KeyValueStore& store)
      : state(*MakeDirectory(AT_FDCWD, directory, 0700)),
        trash(std::make_unique<Trash>(
            *MakeDirectory(state.get(), "trash", 0700))),
        blobs(*OpenFileBlobStore(state.get())),
        layers(*LayerCatalog::Open(store, state.get(), *trash)),
        stack_catalog(*StackCatalog::Open(store)),
        catalog(*ImageCatalog::Open(store)),
        snapshots(*SnapshotTable::Open(state.get(), *trash)),
        state_path(directory) {
    CHECK(MakeBaseLayer(state.get()).ok());
  }

  UniqueFd state;
  std::unique_ptr<Trash> trash;
  std::unique_ptr<BlobStore> blobs;
  std::unique_ptr<LayerCatalog> layers;
  std::unique_ptr<StackCatalog> stack_catalog;
  std::unique_ptr<ImageCatalog> catalog;
  std::unique_ptr<SnapshotTable> snapshots;
  std::string state_path;
  Unpacker unpacker{"services/tree/tug-tree"};

  SystemClock clock;
  EventBus bus;
  ImageEvents events{bus};
  PinSet pins;
  DocumentCache documents{*blobs};
  ImageDescriber describer{*blobs, documents, *layers, *snapshots};
  Collector collector{*blobs,         documents,  *catalog, *layers,
                      *stack_catalog, *snapshots, pins};
  CollectGarbage collect = [this] { return collector.Collect(); };
  StackParts stacks{*blobs, *layers, *stack_catalog, pins, unpacker};
  ImageParts images{*catalog, documents, describer, *snapshots,
                    events,   clock,     collect};
  TransferParts transfers{*blobs, documents, *catalog, *layers, pins,
                          stacks, events,    clock,    collect, unpacker};
  SnapshotParts snapshot_parts{*snapshots, *catalog,    documents,
                               stacks,     state.get(), state_path};
  LayerFlights flights{[this] { collect().IgnoreError(); }};
};

}  // namespace tug::imaged
