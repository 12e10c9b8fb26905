#include <filesystem>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "rows.h"

namespace pressroom {

namespace fs = std::filesystem;

const DataLayout kLayout = {"WikiText: one split, e.g. wiki.test.raw",
                            {".raw", ".tokens", ".jsonl"},
                            "datasets/readers/wikitext/README.md says how to get it"};

// The training split of WikiText-103 has 540 MB.
constexpr std::int64_t kMaxSplitMb = 1000;

// One split of WikiText-2 or WikiText-103, raw or tokenised, as one document or by article.
struct WikiText final : Declared<WikiText, DatasetReader> {
  std::string path, assembly, form;
  Encoding encoding = Encoding::kUtf8;
  std::int64_t max_document_mb = 0;

  static Declaration<WikiText> declare() {
    return Declaration<WikiText>("WikiText: one split as one document, or one document per article")
        .paper("Merity et al., ICLR 2017, arXiv:1609.07843")
        .parameter(&WikiText::path, required("path", ParameterType::kPath,
                                             "one split: .raw, .tokens, or .jsonl with a row each"))
        .parameter(&WikiText::assembly,
                   string("assembly", "hf_join",
                          "how lines become documents; the reader's README explains")
                       .one_of({"hf_join", "hf_join_nonblank", "raw", "article"}))
        .parameter(&WikiText::form,
                   string("form", "auto",
                          "tokens: rare words are <unk>; auto: by the file's name or content")
                       .one_of({"auto", "raw", "tokens"}))
        .parameter(&WikiText::encoding, encoding_parameter())
        .parameter(&WikiText::max_document_mb, max_document_parameter(kMaxSplitMb));
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    file_ = find_split();
    rows_ = Rows(file_, encoding, max_document_mb);
    form = actual_form();
    rewind();
  }

  std::optional<Document> next() override {
    if (!started_) start();
    std::optional<Document> document = assembly == "article" ? next_article() : whole();
    documents_ += document ? 1 : 0;
    return document;
  }

  void rewind() override {
    rows_.rewind();
    started_ = false;
    documents_ = 0;
  }

  std::vector<SourceFile> sources() const override { return rows_.sources(documents_); }

 private:
  fs::path find_split() const {
    const std::vector<fs::path> splits = find_data_files(path, kLayout);
    if (splits.size() == 1) return splits.front();
    std::string names;
    for (const fs::path& split : splits) {
      names += (names.empty() ? "" : ", ") + split.filename().string();
    }
    throw Error({"the folder holds several splits", path, "one file", names,
                 "give one of them: " + splits.front().string()});
  }

  // "raw" or "tokens"; reads rows where neither `form` nor the file's name says which.
  std::string actual_form() {
    const std::string name = file_.filename().string();
    const bool tokens = name.find(".tokens") != std::string::npos;
    if (form == "tokens" && name.find(".raw") != std::string::npos) {
      throw Error({"the file is not of the form declared", file_.string(), "the tokenised form",
                   "a file called .raw", "say form: raw"});
    }
    if (form != "auto") return form;
    if (tokens || name.find(".raw") != std::string::npos) return tokens ? "tokens" : "raw";
    // The tokenised form has rare words on nearly every line.
    for (int i = 0; i < 1000; ++i) {
      const std::optional<Row> row = rows_.next();
      if (!row) break;
      if (row->has_rare_word()) return "tokens";
    }
    return "raw";
  }

  void start() {
    started_ = true;
    after_blank_ = true;
    row_ = read();
    next_row_ = read();
  }

  void advance() {
    after_blank_ = row_->blank();
    row_ = std::move(next_row_);
    next_row_ = read();
  }

  std::optional<Row> read() {
    std::optional<Row> row = rows_.next();
    if (!row || form != "raw" || !row->has_rare_word()) return row;
    throw Error({"the file is not of the form that its name or \"form\" says", row->where,
                 "WikiText's raw form", "a rare word as <unk>: the tokenised form",
                 "say form: tokens, or give the raw file"});
  }

  // A title stands between blank lines; without that, formulas between "=" would pass for titles.
  bool at_title() const {
    return after_blank_ && !row_->title().empty() && (!next_row_ || next_row_->blank());
  }

  std::optional<Document> next_article() {
    for (; row_ && !at_title(); advance()) {
      if (row_->blank()) continue;
      throw Error({"there is text before the first title", row_->where, "a line \" = Title = \"",
                   row_->line.substr(0, row_->line.find('\n')).substr(0, 60),
                   "give a split of WikiText as it is published, or another assembly"});
    }
    if (!row_) return std::nullopt;
    const std::string where = row_->where;
    Document article;
    article.id = row_->title() + "#" + std::to_string(documents_ + 1);
    do {
      article.text += row_->line;
      check_document_size(article.text.size(), max_document_mb, row_->where);
      advance();
    } while (row_ && !at_title());
    article.provenance = provenance(where, article);
    return article;
  }

  std::optional<Document> whole() {
    if (!row_) return std::nullopt;
    Document document;
    document.id = document_name(file_) + "#" + assembly;
    bool first = true;
    for (; row_; advance()) {
      if (assembly == "hf_join_nonblank" && row_->blank()) continue;
      if (assembly == "raw") {
        document.text += row_->line;
      } else {
        document.text += (first ? "" : "\n\n") + row_->on_the_hub();
      }
      first = false;
      check_document_size(document.text.size(), max_document_mb, row_->where);
    }
    document.provenance = provenance(file_.string(), document);
    return document;
  }

  std::string provenance(const std::string& where, const Document& document) const {
    return where + ", " + std::to_string(document.text.size()) + " bytes, assembly " + assembly +
           ", form " + form;
  }

  fs::path file_;
  Rows rows_;
  bool started_ = false;
  bool after_blank_ = true;      // the row before `row_` was blank
  std::optional<Row> row_;       // not yet given to a document
  std::optional<Row> next_row_;  // the one behind it
  std::int64_t documents_ = 0;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::WikiText, "wikitext", "1.2.0")
