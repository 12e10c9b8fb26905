// Whether two engines gave one answer.
#pragma once

#include <gtest/gtest.h>

#include "engine/parting.h"

namespace pressroom {

// Whether the same entries left at the same steps. Fails the test where the engines part over more
// than rounding; everything after such a place may differ.
inline bool expect_same_departures(const DocumentRun& replayed, const DocumentRun& decoded) {
  const auto parting = first_parting(replayed, decoded);
  if (!parting) return true;
  EXPECT_TRUE(parting->is_tie) << text(*parting, "replay", "decode");
  return false;
}

}  // namespace pressroom
