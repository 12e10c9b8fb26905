// The `protocol` section of a campaign, and a protocol on the command line.
#pragma once

#include "config/section.h"
#include "protocol/protocol.h"

namespace pressroom {

// The protocol that `map`, read by `section`, describes. Settings of another kind, and missing
// ones, are problems in `context`.
Protocol read_protocol(SectionReader& section, const YamlNode& map, const ReadContext& context);

}  // namespace pressroom
