// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/container_name.h"

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

constexpr int kTries = 6;

constexpr const char* kAdjectives[] = {
    "able",     "amber",   "ample",   "ancient", "arctic",   "azure",
    "balmy",    "bold",    "brave",   "breezy",  "bright",   "brisk",
    "calm",     "candid",  "careful", "cheery",  "civil",    "clear",
    "clever",   "coastal", "copper",  "coral",   "cosmic",   "cozy",
    "crisp",    "curious", "daring",  "deft",    "dewy",     "dusky",
    "eager",    "early",   "earnest", "easy",    "fair",     "faithful",
    "fearless", "fleet",   "fluent",  "fond",    "frank",    "fresh",
    "gallant",  "gentle",  "gilded",  "glad",    "golden",   "grand",
    "handy",    "hardy",   "hearty",  "honest",  "humble",   "ideal",
    "ivory",    "jaunty",  "jolly",   "keen",    "kindly",   "lively",
    "loyal",    "lucid",   "lucky",   "mellow",  "merry",    "mighty",
    "misty",    "modest",  "neat",    "nimble",  "noble",    "northern",
    "patient",  "placid",  "plucky",  "polite",  "proud",    "quick",
    "quiet",    "radiant", "rapid",   "ready",   "robust",   "rustic",
    "sage",     "salty",   "serene",  "sharp",   "silver",   "sincere",
    "snowy",    "solid",   "spry",    "steady",  "stormy",   "sturdy",
    "sunny",    "swift",   "tidal",   "tidy",    "tranquil", "trusty",
    "upbeat",   "valiant", "vivid",   "warm",    "wily",     "wise",
    "witty",    "zealous",
};

constexpr const char* kSurnames[] = {
    "abbe",       "agnesi",      "ampere",       "arkwright",  "avogadro",
    "ayrton",     "banneker",    "bessel",       "boole",      "bose",
    "brahe",      "braille",     "brunel",       "cannon",     "cantor",
    "carver",     "cassini",     "cavendish",    "celsius",    "chatelet",
    "clerk",      "coriolis",    "coulomb",      "cousteau",   "dalton",
    "davy",       "descartes",   "diesel",       "dirichlet",  "doppler",
    "ekeblad",    "erdos",       "eratosthenes", "faraday",    "fibonacci",
    "fizeau",     "foucault",    "fourier",      "franklin",   "galvani",
    "galois",     "gauss",       "germain",      "halley",     "hamilton",
    "harrison",   "hertz",       "herschel",     "hilbert",    "hooke",
    "hubble",     "humboldt",    "huygens",      "ibnsina",    "jacquard",
    "joule",      "kelvin",      "kepler",       "koch",       "kowalevski",
    "lagrange",   "laplace",     "leavitt",      "legendre",   "leibniz",
    "linnaeus",   "lister",      "lovell",       "maxwell",    "meitner",
    "mendel",     "mercator",    "millikan",     "mitchell",   "morse",
    "napier",     "navier",      "nightingale",  "nobel",      "noether",
    "oersted",    "ohm",         "otto",         "pascal",     "pasteur",
    "planck",     "poincare",    "ptolemy",      "raman",      "ramanujan",
    "rayleigh",   "riemann",     "ritchie",      "roemer",     "rontgen",
    "rutherford", "sagan",       "salk",         "schwann",    "siemens",
    "snell",      "somerville",  "steinmetz",    "stevin",     "stokes",
    "telford",    "tesla",       "thales",       "torricelli", "trevithick",
    "turing",     "tyndall",     "venn",         "vesalius",   "volta",
    "watt",       "weierstrass", "wheatstone",   "whitney",    "zuse",
};

// A choice of `count`; the bias of the remainder does not matter here.
size_t Pick(size_t count) {
  const std::string bytes = RandomBytes(sizeof(uint32_t));
  uint32_t value = 0;
  memcpy(&value, bytes.data(), sizeof(value));
  return value % count;
}

}  // namespace

absl::Status CheckContainerName(absl::string_view name) {
  bool valid = name.size() >= 2 && name.size() <= kMaxNameSize &&
               absl::ascii_isalnum(static_cast<unsigned char>(name[0]));
  for (const char c : name) {
    valid = valid && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                      c == '_' || c == '.' || c == '-');
  }
  if (valid) return absl::OkStatus();
  return WithReason(absl::InvalidArgumentError(absl::StrCat(
                        "Invalid container name (", name,
                        "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")),
                    "CONTAINER_SPEC_INVALID");
}

std::string GenerateContainerName(
    absl::string_view id,
    absl::FunctionRef<bool(absl::string_view name)> taken) {
  for (int i = 0; i < kTries; ++i) {
    const std::string name =
        absl::StrCat(kAdjectives[Pick(std::size(kAdjectives))], "_",
                     kSurnames[Pick(std::size(kSurnames))]);
    if (!taken(name)) return name;
  }
  return std::string(ShortId(id));
}

}  // namespace tug::runtimed
