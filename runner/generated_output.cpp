#include "generated_output.h"

#include <unistd.h>

#include "base/number_text.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "command.h"
#include "streamed_output.h"

namespace pressroom {
namespace {

// "41.7", or "-" where there is none.
std::string shown(std::optional<double> value, double unit, int decimals) {
  return value ? fixed(*value / unit, decimals) : "-";
}

// Text or ids as they come: whatever is on the screen is whole.
class Streamer {
 public:
  Streamer(bool shows_ids, GenerationControl& control) : shows_ids_(shows_ids) {
    // Characters that steer a terminal are for files alone.
    const bool is_shown = is_terminal(STDOUT_FILENO);
    if (shows_ids) {
      control.on_token = [this](std::int64_t id) {
        output_.write((output_.has_written() ? "," : "[") + std::to_string(id));
      };
    } else {
      control.on_text = [this, is_shown](std::string_view text) {
        output_.write(is_shown ? printable(text) : std::string(text));
      };
    }
    control.stop_requested = [this] { return output_.reader_is_gone() || stop_was_requested(); };
  }

  void finish() { output_.write(shows_ids_ ? "]\n" : "\n"); }
  // After an error, which is to stand on a line of its own.
  void break_off() {
    if (output_.has_written()) output_.write("\n");
  }
  bool reader_is_gone() const { return output_.reader_is_gone(); }

 private:
  bool shows_ids_;
  StreamedOutput output_;
};

}  // namespace

void print_stats(const GenerationStats& stats, std::int64_t tokens, std::ostream& out) {
  const auto megabytes = [](std::int64_t bytes) {
    return fixed(static_cast<double>(bytes) / kBytesPerMegabyte, 2);
  };
  out << "prompt     " << counted(stats.prompt_tokens, "token", "tokens") << ", "
      << (stats.loaded_tokens > 0
              ? std::to_string(stats.loaded_tokens) + " of them from a saved cache"
              : shown(stats.prefill_tokens_per_second(), 1, 1) + " tokens/s")
      << "\ngenerated  " << counted(tokens, "token", "tokens") << ", "
      << shown(stats.decode_tokens_per_second(), 1, 1) << " tokens/s; p50 "
      << shown(stats.step_quantile(0.5), 1e-3, 2) << " ms, p95 "
      << shown(stats.step_quantile(0.95), 1e-3, 2) << " ms\nKV cache   "
      << megabytes(stats.held.bytes) << " MB now, " << megabytes(stats.peak_bytes)
      << " MB at most after a step\nentries    " << stats.least_entries << " to "
      << stats.held.most_entries << " a head, " << fixed(stats.mean_entries(), 1) << " on average; "
      << stats.held.evicted << " evicted\nmemory     " << shown(stats.bytes_per_second(), 1e9, 1)
      << " GB/s read (weights and cache), " << shown(stats.bandwidth_share(), 1e-2, 0)
      << " % of the " << shown(stats.read_bandwidth, 1e9, 1) << " that this machine gives\n";
}

GenerationResult generate_streamed(const Generation& generation, bool shows_ids,
                                   bool& reader_is_gone) {
  GenerationControl control;
  Streamer streamer(shows_ids, control);
  try {
    GenerationResult result = generation.run(control);
    streamer.finish();
    reader_is_gone = streamer.reader_is_gone();
    return result;
  } catch (...) {
    streamer.break_off();
    throw;
  }
}

}  // namespace pressroom
