#include "vocabulary.h"

namespace pressroom {
namespace {

using Words = std::vector<std::string>;

const Words kWhens = {"In the morning", "At noon",       "After dinner", "Before dawn",
                      "Last week",      "One evening",   "On Sunday",    "In winter",
                      "That day",       "Late at night", "Long ago",     "A year later",
                      "During lunch",   "Some time ago", "Last summer",  "After the rain"};
const Words kQualities = {"old",    "young", "tall",  "quiet", "tired",  "careful",
                          "honest", "busy",  "proud", "kind",  "lonely", "clever",
                          "poor",   "rich",  "happy", "sad"};
const Words kPeople = {"farmer", "teacher", "sailor", "doctor",  "baker", "clerk",
                       "widow",  "captain", "judge",  "soldier", "cook",  "driver",
                       "priest", "writer",  "nurse",  "lady"};
const Words kDeeds = {"carried", "found",   "painted", "sold",   "mended",  "watched",
                      "counted", "forgot",  "cleaned", "lifted", "noticed", "borrowed",
                      "wanted",  "dropped", "praised", "hid"};
const Words kThings = {"letter", "table", "coat",  "box",   "picture", "chair", "book", "clock",
                       "plate",  "wagon", "shirt", "fence", "knife",   "stove", "boat", "wheel"};
const Words kWheres = {
    "near the church", "in the kitchen",    "behind the house", "by the road",
    "at the market",   "on the hill",       "in the village",   "near the school",
    "on the shore",    "in the yard",       "by the wall",      "in the hall",
    "at the door",     "across the street", "by the fire",      "under the window"};

const std::string& one_of(const Words& words, RandomKey key, const char* role) {
  return words[key.with(role).below(words.size())];
}

}  // namespace

const Words& key_names() {
  static const Words names = {
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

const Words& key_words() {
  static const Words words = {
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

std::string Fact::question() const { return kFactLead + name + " is"; }

std::string Fact::sentence() const { return question() + " " + word + "."; }

std::string made_sentence(RandomKey key) {
  return " " + one_of(kWhens, key, "when") + " the " + one_of(kQualities, key, "quality") + " " +
         one_of(kPeople, key, "person") + " " + one_of(kDeeds, key, "deed") + " the " +
         one_of(kThings, key, "thing") + " " + one_of(kWheres, key, "where") + ".";
}

}  // namespace pressroom
