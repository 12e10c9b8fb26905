#!/bin/bash
# The cache of a prompt in a file: what follows is what follows without the break, and a cache of
# something else is refused.
source "$(dirname "$0")/common.sh"

generate() { "$pressroom" generate --model starter --tokens 40 "$@"; }
beginning="The old man looked at the sea and"
prompt="$beginning wondered where his boat was."

# After the file is written, and from the file, the text is the one without a file.
checked=0
for method in "dense" "h2o --budget 12" "{name: snapkv, window_size: 4} --budget 12" \
  "lazy_h2o --budget 16 --evict prompt"; do
  name=${method% --budget*}
  rest=${method#"$name"}
  # shellcheck disable=SC2086
  generate --prompt "$prompt" --method "$name" $rest > whole
  # shellcheck disable=SC2086
  generate --prompt "$prompt" --method "$name" $rest --save-cache cache.safetensors > saving
  cmp whole saving || fail "$method: another text where the cache is saved"
  # shellcheck disable=SC2086
  generate --prompt "$prompt" --method "$name" $rest --load-cache cache.safetensors > loading
  cmp whole loading || fail "$method: another text from the saved cache"
  checked=$((checked + 1))
done
[ "$checked" = 4 ] || fail "only $checked methods were looked at"

# A prompt may go on behind what was saved.
generate --prompt "$beginning" --save-cache short.safetensors > /dev/null
observe generate --prompt "$prompt" --load-cache short.safetensors --stats
expect_code 0 "a longer prompt"
grep -q ' of them from a saved cache' err || fail "the stats are $(cat err)"
[ -s out ] || fail "a longer prompt gave no text"

h2o() { generate --prompt "$prompt" --method h2o "$@"; }
h2o --budget 12 --save-cache cache.safetensors > /dev/null
load="--load-cache cache.safetensors"
# shellcheck disable=SC2086
{
  refuses saved_cache_of_another_budget h2o --budget 13 $load
  refuses saved_cache_of_another_method generate --prompt "$prompt" --method tova --budget 12 $load
  refuses saved_cache_of_another_prompt generate --prompt "The sea" --method h2o --budget 12 $load
  refuses saved_cache_of_another_end h2o --budget 12 --evict prompt $load
}
head -c 3000 cache.safetensors > torn.safetensors
refuses saved_cache_torn h2o --budget 12 --load-cache torn.safetensors
refuses saved_cache_missing h2o --budget 12 --load-cache nowhere.safetensors
refuses saved_cache_of_weights h2o --budget 12 --load-cache "$tiny/model.safetensors"
lazy() { generate --prompt "$prompt" --method lazy_h2o --budget 16 "$@"; }
lazy --save-cache lazy.safetensors > /dev/null
refuses saved_cache_of_a_policy_with_a_state lazy --load-cache lazy.safetensors

# Where a cache cannot go is said before the prompt is read, and nothing is replaced by mistake.
mkdir folder && printf 'The sea' > prompt.txt
refuses saved_cache_over_a_folder h2o --budget 12 --save-cache folder
refuses saved_cache_below_a_file h2o --budget 12 --save-cache prompt.txt/cache.safetensors
refuses saved_cache_over_the_prompt generate --prompt-file prompt.txt --save-cache ./prompt.txt
[ "$(cat prompt.txt)" = "The sea" ] || fail "the prompt was replaced"

passed 11
