#include "golden_limits.h"

#include "command.h"

namespace pressroom {

namespace po = boost::program_options;

namespace {

constexpr const char* kGoldenSeconds = "golden-seconds";

}  // namespace

void add_golden_limits(po::options_description& options) {
  options.add_options()(
      kGoldenSeconds,
      po::value<std::int64_t>()->default_value(CommandLimits().seconds.count())->value_name("N"),
      "how long a plugin may take for its golden answers");
}

CommandLimits golden_limits(const po::variables_map& values) {
  CommandLimits limits;
  limits.seconds = std::chrono::seconds(whole_number(values, kGoldenSeconds, 1, 86400));
  limits.stop_requested = stop_was_requested;
  return limits;
}

}  // namespace pressroom
