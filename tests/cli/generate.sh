#!/bin/bash
# What a model says after a prompt: the text, as it comes; where it ends; and the words for requests
# that cannot be.
source "$(dirname "$0")/common.sh"

generate() { "$pressroom" generate --model starter "$@"; }
tiny() { "$pressroom" generate --model "$tiny" "$@"; }
prompt="The old man looked at the sea and"

# Greedy text stays what it is, under the full cache and under a budget.
for method in "dense" "h2o --budget 24" "streaming_llm --sparsity 0.25 --evict after"; do
  # shellcheck disable=SC2086
  observe generate --prompt "$prompt" --tokens 60 --method $method
  expect_code 0 "generate under $method"
  [ ! -s err ] || sed '/reference BLAS/d' err | cmp -s - /dev/null || fail "it said $(cat err)"
  expect_approved "generate_${method%% *}" < out
done
observe generate --prompt "$prompt" --tokens 60
cp out greedy

# The same from a file, from standard input, and in another form.
printf '%s' "$prompt" > prompt.txt
generate --prompt-file prompt.txt --tokens 60 > out
cmp out greedy || fail "another text from a file"
generate - --tokens 60 < prompt.txt > out
cmp out greedy || fail "another text from standard input"
generate --prompt "$prompt" --tokens 60 --method h2o --budget 1000 > out
cmp out greedy || fail "another text with room for all of it"
generate --prompt "$prompt" --tokens 60 --ids > ids.json
{ "$pressroom" tokenize --model starter --decode ids.json; echo; } > decoded
sed -i '1s/^ *//' decoded && sed '1s/^ *//' greedy > trimmed
cmp decoded trimmed || fail "the ids are not those of the text"
generate --prompt "$prompt" --tokens 60 --json > generation.json
"$build/tests/pressroom_validate_json" "$source/docs/schemas/generation.schema.json" \
  generation.json > wrong || fail "the JSON: $(cat wrong)"
[ "$(sed -E 's/.*"ids":(\[[^]]*\]).*/\1/' generation.json)" = "$(cat ids.json)" ] ||
  fail "other ids in the JSON"

# Draws depend on the seed and nothing else.
draw() { generate --prompt "$prompt" --tokens 40 --temperature 0.9 --top-p 0.95 "$@"; }
draw --seed 4 --threads 1 > first
draw --seed 4 --threads 2 > second
cmp first second || fail "one seed, two texts"
draw --seed 5 > second
! cmp -s first second || fail "two seeds, one text"

# A stop string is not shown, however tokens cut it.
stop=$(head -n 1 greedy | tail -c 6)
generate --prompt "$prompt" --tokens 60 --stop "$stop" --json > stopped.json
grep -qF '"end":"stop_string"' stopped.json || fail "it went on: $(cat stopped.json)"
! grep -qF "$stop" <(generate --prompt "$prompt" --tokens 60 --stop "$stop") || fail "it shows the stop"

# What it took, in words.
observe generate --prompt "$prompt" --tokens 8 --method h2o --budget 12 --stats
expect_code 0 "generate --stats"
sed -E -e '/reference BLAS/d' -e 's/[0-9]+\.[0-9]+ (tokens\/s|ms|GB\/s)/N \1/g' \
  -e 's/[0-9]+ % of the [0-9.]+ /N % of the N /' err | expect_approved generate_stats

# A reader that goes away ends it without a word; one that cannot take it is told of.
generate --prompt "$prompt" --tokens 900 2> err | head -c 8 > /dev/null
[ "${PIPESTATUS[0]}" = 0 ] || fail "a closed pipe: exit code ${PIPESTATUS[0]}"
[ -z "$(sed '/reference BLAS/d' err)" ] || fail "a closed pipe: it said $(cat err)"
# An object at the end arrives or does not, as that of every other command.
unread() { { code=0; "$@" 2> "err_of_$1" || code=$?; echo "$code" > code; } | true; }
score() { "$pressroom" score --model starter --text prompt.txt --method dense --json; }
object() { generate --prompt "$prompt" --tokens 20 --json; }
for command in score object; do
  unread "$command"
  [ "$(cat code)" = 2 ] || fail "$command into a closed pipe: exit code $(cat code)"
  grep -qF "what was printed did not arrive" "err_of_$command" ||
    fail "$command into a closed pipe: it said $(cat "err_of_$command")"
done
code=0
generate --prompt "$prompt" --tokens 20 > /dev/full 2> err || code=$?
[ "$code" = 2 ] || fail "a full disk: exit code $code"
grep -qF "what was printed did not arrive" err || fail "a full disk: $(cat err)"

# Ctrl-C ends it between two tokens, with what there is.
for signal in INT TERM; do
  rm -f out  # text in it is to be of this run: before, there may be no program to be asked
  "$pressroom" generate --model starter --prompt "$prompt" --tokens 1000000 --beyond-positions \
    --stats > out 2> err &
  victim=$!
  for _ in $(seq 400); do
    [ ! -s out ] || break
    sleep 0.05
  done
  [ -s out ] || fail "SIG$signal: nothing was generated: $(cat err)"
  kill -s "$signal" "$victim"
  code=0
  wait "$victim" || code=$?
  expect_code 3 "SIG$signal"
  grep -q '^warning: interrupted after [0-9]* tokens$' err || fail "SIG$signal: it said $(cat err)"
  grep -q '^generated  [0-9]* tokens, ' err || fail "SIG$signal: no statistics: $(cat err)"
  [ "$(tail -c 1 out | od -An -c | tr -d ' ')" = '\n' ] || fail "SIG$signal: the line is not ended"
done

cat > jinja.json << 'END'
{"chat_template": "{{ '<start_of_turn>user\n' + messages[0].content + '<end_of_turn>\n' }}"}
END
cp -r "$tiny" odd_template && cp jinja.json odd_template/tokenizer_config.json
head -c 600 "$prose" > long.txt
refuses generate_no_prompt generate
refuses generate_two_prompts generate --prompt a --prompt-file prompt.txt
refuses generate_empty_prompt tiny --prompt ""
refuses generate_no_file generate --prompt-file nowhere.txt
refuses generate_long_prompt "$pressroom" generate --model "$tiny" --prompt-file long.txt
refuses generate_many_tokens tiny --prompt "a b c" --tokens 5000
refuses generate_unknown_template tiny --prompt "a b c" --template chatlm
refuses generate_odd_template "$pressroom" generate --model odd_template --prompt "a b c"
refuses generate_raw_template tiny --prompt "a b c" --raw --template chatml
refuses generate_system_alone tiny --prompt "a b c" --system "Be brief."
refuses generate_no_method tiny --prompt "a b c" --method nothing_like_it
refuses generate_no_budget tiny --prompt "a b c" --method h2o
refuses generate_two_budgets tiny --prompt "a b c" --method h2o --budget 4 --sparsity 0.5
refuses generate_protected tiny --prompt "a b c" --method '{name: h2o, recent: 8}' --budget 4
refuses generate_bad_sparsity tiny --prompt "a b c" --method h2o --sparsity 1
refuses generate_bad_evict tiny --prompt "a b c" --evict never
refuses generate_prompt_alone tiny --prompt "a b c" --method kvzip --budget 4 --evict after
refuses generate_empty_stop tiny --prompt "a b c" --stop ""
refuses generate_bad_temperature tiny --prompt "a b c" --temperature -1
refuses generate_bad_top_p tiny --prompt "a b c" --top-p 0

passed 20
