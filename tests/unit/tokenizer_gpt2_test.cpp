// GPT-2's splits and merges, with the ids that the reference library gives.
#include <sstream>

#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test::tokenizer_gpt2_test {
namespace {

// Of GPT-2's 50000 merges those that can take part in the texts below, as rank:left:right; the id
// of a merge is 256 + its rank.
constexpr char kGpt2Merges[] = R"(
2:h:e 3:i:n 5:o:n 7:e:r 10:Ġ:w 12:e:n 13:Ġ:c 16:a:n 17:o:r 22:in:g 33:Ġ:h 35:i:c 40:o:m 41:l:l
49:r:o 52:Ġ:g 56:i:d 57:o:t 58:Ġ:I 79:l:d 83:Ġ:he 100:Ġw:e 102:n:d 104:Ġ:D 136:an:d 141:a:b
144:t:h 145:Ġc:om 157:e:w 161:e:l 181:en:d 191:â:Ģ 211:Ġg:o 214:':t 220:Ġw:or 244:in:e 372:Ċ:Ċ
439:e:ll 454:n:e 476:w:e 507:Ġc:o 512:n:ing 526:n:g 529:c:om 593:ot:h 739:Ġwor:ld 817:c:o
845:':m 1084:O:N 1114:l:ine 1136:Ġg:ot 1288:H:e 1293:':d 1508:or:ld 1718:Ġcom:b 1766:m:b
1932:g:o 2125:om:b 2480:z:e 2559:l:in 2813:L:L 2935:in:ing 3273:er:o 3349:n:ew 4272:l:i 4342:d:o
5047:h:i 5106:in:i 5183:l:o 5393:id:th 6638:w:orld 6996:a:a 8070:t:a 8154:ĠD:O 8205:n:i 8226:b:i
8402:t:ab 8544:b:in 8843:d:on 8851:z:er 8958:Ġw:id 9269:âĢ:ĭ 9391:Ġw:idth 10138:w:idth
10853:ell:o 11720:à:¤ 12210:Ġ:Ð 12365:H:el 12663:Ø:§ 13606:Ù:Ħ 15240:H:ello 16587:Ð:µ 17294:Ġ:Ø
17971:D:O 18542:ll:o 18593:Ð:¸ 19515:Ġcomb:ining 20119:Ñ:Ĥ 20913:Ñ:Ģ 21382:w:o 22314:z:ero
23186:g:ot 23269:Ø§:ÙĦ 23661:ĠD:ON 23755:com:b 23975:à:¥ 24230:Ġw:o 24538:aa:aa 25149:Ù:ħ
25924:Î:½ 26261:Î:¿ 26641:Ø:± 27773:w:id 27797:Ġ:á 27969:Ġ:à¤ 27998:H:ell 28408:d:t 31327:Ð:º
33387:Ï:ģ 34817:n:in 35302:Ï:Ĥ 37430:w:i 38601:Ð:² 39592:Ø:¨ 40733:w:l 40917:D:ON 42852:Ð:¼
44434:Ø:¹ 45239:á:½ 45639:r:l 45711:Ġw:i 45815:aa:a 46326:Ï:Ģ 47821:à¤:¾ 49279:Ï:ī)";

TEST(Tokenizer, GivesTheIdsOfTheReferenceForGpt2) {
  json vocab = alphabet();
  json merges;
  std::istringstream rows(kGpt2Merges);
  for (std::string row; rows >> row;) {
    const std::size_t left = row.find(':') + 1;
    const std::size_t right = row.find(':', left) + 1;
    merges.push_back({row.substr(left, right - left - 1), row.substr(right)});
    const std::string joined = merges.back()[0].get<std::string>() + row.substr(right);
    vocab[joined] = 256 + std::stoi(row);
  }
  expect_cases(
      *load(file_of(vocab, merges)),
      {
          {"Hello world", {15496, 995}},
          {"tab\tand\nnewline\r\n\r\nend ",
           {8658, 197, 392, 198, 3605, 1370, 201, 198, 201, 198, 437, 220}},
          {"\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u0436\u0438\u043a",
           {140, 253, 21169, 18849, 38857, 16843, 20375, 11, 12466, 120, 18849, 21169, 0, 12466,
            223, 140, 114, 18849, 31583}},
          {"\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
           {25405, 26897, 148, 255, 39848, 12919, 17550, 101, 23525, 44690, 23525, 25405}},
          {"don't DON'T we'LL I'm he'd",
           {9099, 470, 23917, 6, 51, 356, 6, 3069, 314, 1101, 339, 1549}},
          {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
           {24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794}},
          {"\n\n\n", {628, 198}},
          {"\u1f41 \u1f04\u03bd\u03b8\u03c1\u03c9\u03c0\u03bf\u03c2",
           {45495, 223, 28053, 120, 226, 26180, 138, 116, 33643, 49535, 46582, 26517, 35558}},
          {"\u200bzero width", {9525, 22570, 9647}},
          {"\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
           {11976, 101, 11976, 106, 11976, 116, 24231, 235, 11976, 97,  24231, 229,
            28225, 99,  24231, 223, 11976, 101, 11976, 123, 11976, 107, 48077}},
          {"\U00010348 gothic", {172, 238, 235, 230, 308, 849, 291}},
          {"e\u0301 combining", {68, 136, 223, 19771}},
          {"", {}},
          {" ", {220}},
      });
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_gpt2_test
