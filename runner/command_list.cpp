#include <algorithm>
#include <iostream>
#include <optional>

#include "base/utf8.h"
#include "campaign/locked_plugins.h"
#include "command.h"
#include "config/config.h"
#include "config/schema.h"
#include "hub/built_in_models.h"
#include "model/model.h"
#include "plugin/plugin_reference.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr PluginKind kKinds[] = {PluginKind::kMethod, PluginKind::kDataset, PluginKind::kMetric};

// "methods", "datasets", "metrics": what `list` calls a kind.
std::string plural(PluginKind kind) { return std::string(to_string(kind)) + "s"; }

// What the plugin's file says of it; "" where it says nothing.
std::string said(const PluginRecord& record, const char* key) {
  const auto found = record.description.find(key);
  return found == record.description.end() ? "" : found->second;
}

// "built-in", "folder", "repository lab, unsigned".
std::string where_from(const PluginRecord& record) {
  return record.origin ? printable_line(origin_text(*record.origin)) : origin_word(record);
}

// `text` in a column of so many letters, and one behind it at least.
std::string column(const std::string& text, std::size_t letters) {
  return text + std::string(text.size() < letters ? letters - text.size() : 1, ' ');
}

void list_plugins(const PluginHost& host, PluginKind kind) {
  std::cout << plural(kind) << "\n";
  std::size_t origin_letters = 10;
  for (const PluginRecord& record : host.plugins()) {
    if (record.kind != kind) continue;
    origin_letters = std::max(origin_letters, where_from(record).size() + 1);
  }
  for (const PluginRecord& record : host.plugins()) {
    if (record.kind != kind) continue;
    const bool silent = record.description.empty();
    std::cout << "  " << column(record.name, 20) << column(record.version, 8)
              << column(where_from(record), origin_letters)
              << (silent ? "(no summary in its file: pressroom show " + record.name + ")"
                         : said(record, "summary"))
              << "\n";
  }
}

// `text` inside a cell of a Markdown table.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, "\\");
  }
  return text.empty() ? "-" : text;
}

// A row for each name: of several versions the one that it means.
void list_as_markdown(const PluginHost& host, PluginKind kind) {
  const bool methods = kind == PluginKind::kMethod;
  std::cout << "| " << to_string(kind) << (methods ? " | kind" : "")
            << " | what it does | parameters and defaults | paper |\n"
            << (methods ? "|---" : "") << "|---|---|---|---|\n";
  std::string previous;
  for (const PluginRecord& record : host.plugins()) {
    if (record.kind != kind || record.name == previous) continue;
    previous = record.name;
    std::cout << "| `" << record.name << "` | ";
    if (methods) std::cout << cell(said(record, "kind")) << " | ";
    std::cout << cell(said(record, "summary")) << " | " << cell(said(record, "parameters")) << " | "
              << cell(said(record, "paper")) << " |\n";
  }
}

void list_models() {
  std::cout << "models\n";
  for (const std::string& name : built_in_models()) {
    try {
      const std::string place = find_model(name).root.string();
      std::cout << "  " << name << std::string(20 - name.size(), ' ') << place << "\n";
    } catch (const Error&) {
      std::cout << "  (" << name << " is not installed)\n";
    }
  }
}

// `reference` means `record`.
void show_plugin(PluginHost& host, const PluginRecord& record, const std::string& reference) {
  const PluginInfo& info = host.describe(record.kind, reference);
  std::cout << record.name << " " << record.version << " (" << to_string(record.kind) << ")\n"
            << "  " << info.summary << "\n";
  if (!info.paper.empty()) std::cout << "  paper:    " << info.paper << "\n";
  std::cout << "  file:     " << record.file.string() << "\n"
            << "  sha256:   " << host.sha256(record) << "\n"
            << "  from:     " << where_from(record) << "\n";
  if (record.origin) std::cout << "  bundle:   " << record.origin->bundle_sha256 << "\n";
  for (const auto& [key, value] : record.manifest) {
    if (key == "sdk" || key == "torch" || key == "compiler" || key == "build") {
      std::cout << "  " << key << ":" << std::string(9 - key.size(), ' ') << value << "\n";
    }
  }
  if (info.parameters.empty()) std::cout << "  no parameters\n";
  for (const ParameterSpec& spec : info.parameters) {
    std::cout << "\n  " << spec.name << ": " << spec.accepts();
    if (!spec.required()) std::cout << ", default " << to_string(spec.default_value);
    std::cout << "\n      " << spec.help_text << "\n";
    if (spec.aliases.empty()) continue;
    std::cout << "      also spelled:";
    for (const std::string& alias : spec.aliases) std::cout << " " << alias;
    std::cout << "\n";
  }
}

}  // namespace

int command_list(const Words& words) {
  if (!words.empty() && words[0] == "results") {
    return command_list_results(Words(words.begin() + 1, words.end()));
  }
  po::options_description options("options");
  options.add_options()("markdown", "a table in Markdown, of methods, datasets or metrics");
  const po::variables_map values =
      parse_words(words, "list [methods|datasets|metrics|models|results]", options, {"what?"});
  const bool markdown = values.count("markdown") > 0;
  const std::string what = values.count("what") > 0 ? values["what"].as<std::string>() : "all";
  const PluginHost host = make_host(values);  // which runs no plugin, and so does none of this
  bool known = what == "all" || (what == "models" && !markdown);
  for (const PluginKind kind : kKinds) {
    if (what != "all" && what != plural(kind)) continue;
    if (markdown) {
      if (what == "all" && kind != kKinds[0]) std::cout << "\n";
      list_as_markdown(host, kind);
    } else {
      list_plugins(host, kind);
    }
    known = true;
  }
  if (!markdown && (what == "all" || what == "models")) list_models();
  if (known) return kDone;
  throw Error(
      {"there is nothing of that kind to list", "",
       markdown ? "methods, datasets or metrics" : "methods, datasets, metrics, models or results",
       what, ""});
}

int command_show(const Words& words) {
  po::options_description options("options");
  const po::variables_map values =
      parse_words(words, "show (NAME[@VERSION] | config)", options, {"name"});
  const std::string name = values["name"].as<std::string>();
  if (name == "config") {
    std::cout << config_reference();
    return kDone;
  }
  PluginHost host = make_host(values);
  const std::string plain = parse_plugin_reference(name).name;
  bool found = false;
  std::vector<std::string> names;
  std::optional<PluginKind> shown;
  for (const PluginRecord& record : host.plugins()) {
    names.push_back(record.name);
    // Of one kind there is one that the name means, and others may be there in other versions.
    if (record.name != plain || shown == record.kind) continue;
    shown = record.kind;
    if (found) std::cout << "\n";
    show_plugin(host, host.find(record.kind, name), name);
    found = true;
  }
  if (found) return kDone;
  if (plain != name) host.find(PluginKind::kMethod, name);  // says how to get it
  for (const Problem& problem : host.refused()) {
    if (problem.text().find('"' + name + '"') != std::string::npos) throw Error(problem);
  }
  const std::string near = closest_match(name, names);
  throw Error({"there is no such plugin", "", "a name that `pressroom list` prints", name,
               near.empty() ? "pressroom list" : "did you mean \"" + near + "\"?"});
}

}  // namespace pressroom
