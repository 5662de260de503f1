// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "lib/base/clock.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/images/document_cache.h"
#include "services/imaged/images/image_catalog.h"
#include "services/imaged/images/image_events.h"
#include "services/imaged/images/image_service.h"
#include "services/imaged/layers/layer_catalog.h"
#include "services/imaged/pins/pin_set.h"
#include "services/imaged/stacks/build_stack.h"

namespace tug::imaged {

// What pull, load, save and import stand on. Everything outlives them.
struct TransferParts {
  BlobStore& blobs;
  DocumentCache& documents;
  ImageCatalog& catalog;
  LayerCatalog& layers;
  PinSet& pins;
  const StackParts& stacks;
  ImageEvents& events;
  Clock& clock;
  CollectGarbage collect;
  Unpacker unpacker;
};

// Asked between steps; true when the caller has left.
using Cancelled = std::function<bool()>;

// Told how layers stand, at most every kProgressInterval a layer.
using OnLayer = std::function<void(const image::v1::LayerProgress&)>;

}  // namespace tug::imaged
