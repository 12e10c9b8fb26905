// Training of kvzap's scorers on a tiny model.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/run.h"
#include "scratch_folder.h"
#include "test_folders.h"
#include "tiny_model.h"
#include "train/kvzap/kvzap_trainer.h"

namespace pressroom {

// A model of bytes: the vocabulary is that of a tokenizer.json with one token a byte.
class TrainKvzapTest : public testing::Test {
 protected:
  static TinyShape shape() {
    TinyShape shape;
    shape.vocabulary = 256;
    return shape;
  }

  TrainKvzapTest() {
    Json vocabulary;
    for (int byte = 0; byte < 256; ++byte) vocabulary[letter(byte)] = byte;
    const Json tokenizer = {
        {"version", "1.0"},
        {"added_tokens", Json::array()},
        {"normalizer", nullptr},
        {"pre_tokenizer",
         {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", false},
          {"use_regex", false}}},
        {"post_processor", nullptr},
        {"decoder",
         {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", false},
          {"use_regex", false}}},
        {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}};
    write_file(tiny_.directory() / "tokenizer.json", tokenizer.dump());
    std::string text;
    for (int i = 0; text.size() < 2000; ++i) text += "line " + std::to_string(i * i) + "\n";
    write_file(scratch_.path() / "text.txt", text);
    write_data("datasets: [{reader: text, path: text.txt}]\ncontext: 64\n");
    options_.model = tiny_.directory().string();
    options_.data = scratch_.path() / "data.yaml";
    options_.out = scratch_.path() / "out";
    options_.tokens = 1280;
    options_.threads = 2;
  }

  // GPT-2's letter for a byte: printable Latin-1 is itself, the rest follows from U+0100.
  static std::string letter(int byte) {
    const auto plain = [](int b) { return (b >= 33 && b <= 126) || (b >= 161 && b != 173); };
    int point = byte;
    if (!plain(byte)) {
      point = 256;
      for (int b = 0; b < byte; ++b) point += plain(b) ? 0 : 1;
    }
    if (point < 128) return std::string(1, static_cast<char>(point));
    return {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
  }

  void write_data(const std::string& yaml) { write_file(scratch_.path() / "data.yaml", yaml); }

  std::vector<KvzapResult> train(const std::function<bool()>& stop = [] { return false; }) {
    PluginHost host({plugin_dir()});
    TrainKvzapControl control;
    control.stop_requested = stop;
    return train_kvzap(options_, host, control);
  }

  using Json = nlohmann::ordered_json;
  const ScratchFolder scratch_;
  const TinyModel tiny_{shape(), RandomKey(3)};
  TrainKvzapOptions options_;
};

}  // namespace pressroom
