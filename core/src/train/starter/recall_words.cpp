#include "train/starter/recall.h"

namespace pressroom {

const std::vector<std::string>& recall_names() {
  static const std::vector<std::string> names = {
      "Adam",   "Agnes",  "Albert", "Alice",  "Andrew", "Anna",   "Arthur", "Bella",
      "Bruno",  "Carla",  "Clara",  "Conrad", "Daniel", "David",  "Diana",  "Edgar",
      "Edith",  "Elena",  "Emil",   "Erik",   "Esther", "Felix",  "Fiona",  "Frank",
      "George", "Gloria", "Greta",  "Hanna",  "Harold", "Hector", "Helen",  "Henry",
      "Hugo",   "Ida",    "Irene",  "Ivan",   "Jacob",  "Jasper", "Julia",  "Karl",
      "Laura",  "Leo",    "Linda",  "Louis",  "Lucy",   "Marcus", "Maria",  "Martin",
      "Nina",   "Nora",   "Oliver", "Oscar",  "Paula",  "Peter",  "Rosa",   "Ruth",
      "Samuel", "Simon",  "Sophie", "Stella", "Thomas", "Ursula", "Victor", "Walter"};
  return names;
}

const std::vector<std::string>& recall_words() {
  static const std::vector<std::string> words = {
      "acorn",   "amber",    "anchor",   "apple",   "arrow",  "barley",  "basket",  "beacon",
      "bell",    "bottle",   "branch",   "brass",   "bread",  "bridge",  "bronze",  "bucket",
      "button",  "candle",   "carpet",   "castle",  "cedar",  "chain",   "chalk",   "cherry",
      "circle",  "clay",     "cloud",    "clover",  "copper", "coral",   "cotton",  "crane",
      "crown",   "crystal",  "dagger",   "daisy",   "desert", "diamond", "dragon",  "drum",
      "eagle",   "ember",    "falcon",   "feather", "fern",   "fiddle",  "flint",   "flute",
      "forest",  "fountain", "fox",      "garden",  "ginger", "glass",   "glove",   "grape",
      "hammer",  "harbor",   "harp",     "hazel",   "helmet", "heron",   "honey",   "horn",
      "island",  "ivory",    "jasmine",  "jewel",   "kettle", "ladder",  "lantern", "laurel",
      "lemon",   "lily",     "linen",    "lion",    "magnet", "maple",   "marble",  "meadow",
      "mirror",  "moon",     "mountain", "needle",  "oak",    "ocean",   "olive",   "orange",
      "orchard", "otter",    "paper",    "pearl",   "pepper", "piano",   "pillow",  "planet",
      "plum",    "pony",     "poppy",    "quartz",  "rabbit", "raven",   "ribbon",  "river",
      "robin",   "rocket",   "rope",     "saddle",  "salt",   "sand",    "scarf",   "shell",
      "silver",  "snow",     "spider",   "star",    "stone",  "storm",   "sugar",   "thistle",
      "thunder", "tiger",    "timber",   "tulip",   "velvet", "violin",  "walnut",  "willow"};
  return words;
}

std::string recall_sentence(const std::string& name, const std::string& word) {
  return " The key of " + name + " is " + word + ".";
}

}  // namespace pressroom
