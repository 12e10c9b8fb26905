#include "haystack.h"

#include <algorithm>

#include "parts.h"

namespace pressroom::ruler {
namespace {

constexpr const char* kNoise =
    "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

}  // namespace

Haystack noise(std::int64_t lines) {
  return {std::vector<std::string>(static_cast<std::size_t>(lines), kNoise), "\n", false};
}

Haystack prose(const Prose& text, std::int64_t words) { return {text.sentences(words), " ", true}; }

std::vector<Place> places_in(const Haystack& haystack, RandomKey key, std::size_t count) {
  const std::size_t pieces = haystack.pieces.size();
  std::vector<std::size_t> drawn = draw_distinct(key, haystack.by_depth ? kDepths : pieces, count);
  std::sort(drawn.begin(), drawn.end());
  std::vector<Place> places;
  for (const std::size_t d : drawn) {
    if (haystack.by_depth) {
      // d / 39 in percent, rounded; it never lies half way.
      const std::size_t percent = (200 * d + kDepths - 1) / (2 * (kDepths - 1));
      places.push_back({pieces * percent / 100, static_cast<std::int64_t>(percent)});
    } else {
      places.push_back({d, static_cast<std::int64_t>((200 * d + pieces) / (2 * pieces))});
    }
  }
  return places;
}

void put_into(Composition& made, const Haystack& haystack, const std::vector<Place>& places,
              const std::vector<Hidden>& hidden) {
  bool is_first = true;
  const auto separate = [&] {
    if (!is_first) made.append(haystack.separator);
    is_first = false;
  };
  std::vector<std::string> before;
  const auto hide_before = [&](std::size_t piece) {
    for (std::size_t h = before.size(); h < places.size() && places[h].before <= piece; ++h) {
      separate();
      if (hidden[h].answer < 0) {
        made.append(hidden[h].text);
      } else {
        made.append(hidden[h].text, "evidence", hidden[h].answer);
      }
      before.push_back(std::to_string(places[h].before));
      made.depths.push_back(places[h].percent);
    }
  };
  for (std::size_t piece = 0; piece < haystack.pieces.size(); ++piece) {
    hide_before(piece);
    separate();
    made.append(haystack.pieces[piece]);
  }
  hide_before(haystack.pieces.size());
  made.made_of += std::to_string(haystack.pieces.size()) +
                  (haystack.by_depth ? " sentences" : " lines") +
                  " of haystack, something hidden " + "before " + joined(before, ", ");
}

}  // namespace pressroom::ruler
