#include "text_filler.h"

#include "pressroom/data_files.h"
#include "pressroom/error.h"
#include "sentences.h"
#include "vocabulary.h"

namespace pressroom {

TextFiller::TextFiller(const std::string& file) {
  DataFiles files({file});
  const std::string text = files.next_whole()->text;
  sentences_ = sentences_of(text);
  if (sentences_.empty()) {
    throw Error({"the filler cannot be used", file, "a file with text in it", "no words",
                 "take another text"});
  }
  const std::string stated = kFactLead + 1;  // without the blank before
  const std::size_t found = text.find(stated);
  if (found != std::string::npos) {
    throw Error({"the filler states keys itself", file, "a text without \"" + stated + "\"",
                 text.substr(found, 40), "take another text"});
  }
  source_ = files.sources().front();
}

const std::string& TextFiller::sentence(RandomKey key, std::size_t index) const {
  return sentences_[(key.below(sentences_.size()) + index) % sentences_.size()];
}

}  // namespace pressroom
