#include "report/figures/figure_style.h"

#include <cmath>

#include "base/number_text.h"

namespace pressroom {
namespace {

using namespace figure_style;

std::string variables(const char* Colour::*shade) {
  std::string text = ":root{--ink:" + std::string(kInk.*shade) + ";--grid:" + kGrid.*shade;
  for (std::size_t i = 0; i < kSeriesColours; ++i) {
    text += ";--s" + std::to_string(i + 1) + ":" + kSeries[i].*shade;
  }
  return text + "}";
}

std::string rule(const std::string& name, const std::string& colour, const Line& line) {
  std::string text =
      "." + name + "{fill:none;stroke:var(--" + colour + ");stroke-width:" + exact(line.width);
  if (*line.dash != '\0') text += std::string(";stroke-dasharray:") + line.dash;
  return text + "}";
}

}  // namespace

std::string figure_css() {
  std::string text = variables(&Colour::light) + "@media (prefers-color-scheme:dark){" +
                     variables(&Colour::dark) + "}\n.c0{--c:var(--ink)}";
  for (std::size_t i = 1; i <= kSeriesColours; ++i) {
    text += ".c" + std::to_string(i) + "{--c:var(--s" + std::to_string(i) + ")}";
  }
  text += "\n" + rule("line", "c", kJoined) + rule("bar", "c", kInterval) +
          rule("front", "ink", kFront) + rule("reference", "ink", kReference) +
          rule("grid", "grid", kGridLine) + rule("arrow", "c", kArrow);
  return text + "figure svg text{fill:var(--ink);font-family:inherit;font-size:" +
         std::to_string(kPageType) + "px}\n";
}

const char* file_colour(std::size_t place) {
  return place == 0 ? kInk.light : kSeries[(place - 1) % kSeriesColours].light;
}

const Symbol& symbol_at(std::size_t place) { return kSymbols[place % kSymbolCount]; }

std::string gnuplot_line(const Line& line) {
  std::string text = "lw " + exact(std::round(100 * line.width / kJoined.width) / 100);
  if (*line.dash == '\0') return text + " dt 1";
  text += " dt (";
  for (const char* c = line.dash; *c != '\0'; ++c) text += *c == ' ' ? ',' : *c;
  return text + ")";
}

}  // namespace pressroom
