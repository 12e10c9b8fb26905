#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "campaign/score.h"
#include "command.h"
#include "input_text.h"
#include "model/model.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// Without a json value for each id of a book.
std::string json_array(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "[" : ",") + std::to_string(id);
  return text.empty() ? "[]" : text + "]";
}

}  // namespace

int command_tokenize(const Words& words) {
  po::options_description options("options");
  options.add_options()("model", po::value<std::string>()->value_name("M"),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("tokenizer", po::value<std::string>()->value_name("F"),
                        "a tokenizer.json or a .gguf file");
  options.add_options()("special", "add the special tokens (BOS and the like)");
  options.add_options()("decode",
                        "the other way: FILE is a JSON array of ids, the text is printed");
  const std::string usage = "tokenize (--model M | --tokenizer F) [--special | --decode] FILE|-";
  const po::variables_map values = parse_words(words, usage, options, {"file"});
  if (values.count("model") == values.count("tokenizer")) {
    throw Error({"tokenize needs one tokenizer", "", "--model M or --tokenizer F, not both",
                 values.count("model") > 0 ? "both" : "neither", ""});
  }
  const std::filesystem::path file =
      values.count("tokenizer") > 0 ? std::filesystem::path(values["tokenizer"].as<std::string>())
                                    : find_model(values["model"].as<std::string>()).tokenizer;
  const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load(file);
  const std::string name = values["file"].as<std::string>();
  if (values.count("decode") > 0) {
    std::cout << tokenizer->decode(parse_ids(input_text(name, "the text"), name));
    return kDone;
  }
  const Special special = values.count("special") > 0 ? Special::kAdd : Special::kNone;
  std::cout << json_array(tokenizer->encode(input_text(name, "the text"), special)) << "\n";
  return kDone;
}

}  // namespace pressroom
