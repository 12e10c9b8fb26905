#!/bin/bash
# The whole way of a plugin: written, packed, signed, published; found, installed and used by
# somebody else; pinned by a campaign, and fetched by who reads of it.
#
#   sharing.sh BUILD_DIR SOURCE_DIR
. "$(dirname "$0")/common.sh"
unset XDG_DATA_HOME
export HOME=$work/home PRESSROOM_HOME=$work/ann
mkdir -p "$HOME"

eval "other_$(declare -f normalised)"
normalised() {
  other_normalised | sed -E -e 's|RW[A-Za-z0-9+/]{54}|KEY|g' -e 's/key [0-9A-F]{8,16}/key ID/g'
}
step() { "$@" > out 2> err || fail "$*: $(cat out err)"; }
said() { grep -q -- "$1" out || fail "it does not say \"$1\": $(cat out err)"; }

# --- The author.
step "$pressroom" plugin new method my_press
observe "$pressroom" plugin pack my_press
expect_code 2 pack_unfilled
grep -v '^-- \|^\[\|^ninja' err | expect_approved pack_unfilled  # without what the build says
sed -i -e 's/^licence:.*/licence: Apache-2.0/' -e 's/^authors:.*/authors: [Ann Author]/' my_press/bundle.yaml
sed -i "s/[Tt]o be filled in/filled in/" my_press/README.md
echo "Apache License 2.0" > my_press/LICENSE
step "$pressroom" plugin build my_press
"$pressroom" plugin answers my_press/build/*.so --project my_press > my_press/golden.json 2> err ||
  fail "no answers: $(cat err)"
step "$pressroom" plugin test my_press
said "my_press/golden.json: it answers as recorded"
cp my_press/golden.json recorded.json
sed -i 's/"nll_nats":\[\([0-9]*\)\./"nll_nats":[1\1./' my_press/golden.json
observe "$pressroom" plugin test my_press
expect_code 1 "a plugin that answers otherwise"
said "golden"
rm my_press/golden.json
step "$pressroom" plugin pack my_press --out first
step "$pressroom" plugin pack my_press --out second
bundle=my_press-0.1.0.press.tar.zst
cmp "first/$bundle" "second/$bundle" || fail "packed twice, two bundles"
cp "first/$bundle" unsigned.press.tar.zst

printf 'correct horse\n' > passphrase
step "$pressroom" plugin sign --new-key ann.key --passphrase-file passphrase
[ "$(stat -c %a ann.key)" = 600 ] || fail "others may read the secret key"
step "$pressroom" plugin sign "first/$bundle" --key ann.key --passphrase-file passphrase
ann=$(tail -n 1 ann.key.pub)
mkdir lab
step "$pressroom" plugin publish "$work/lab" "first/$bundle" --key ann.key --passphrase-file passphrase
said "serial 1"

# --- The lab mate, who has another home.
export PRESSROOM_HOME=$work/ben
refuses repo_without_key "$pressroom" repo add lab "$work/lab"
step "$pressroom" repo add lab "$work/lab" --key "$ann"
step "$pressroom" plugin search value
said "my_press 0.1.0"
step "$pressroom" plugin info my_press
said "built for this harness"
step "$pressroom" plugin install my_press
said "is installed, from repository lab, signed by key"
said "golden answers: passed"
step "$pressroom" plugin install my_press
said "is installed already"
step "$pressroom" plugin list
said "my_press 0.1.0 (method), from repository lab"
step "$pressroom" plugin verify my_press --golden
said "as it was installed"


# A repository that is not there is in nobody's way who wants nothing of it.
step "$pressroom" repo add gone "$work/nowhere" --key "$ann"
step "$pressroom" plugin install my_press --from lab
said "is installed already"
step "$pressroom" plugin update
said "the newest"
observe "$pressroom" plugin search value
expect_code 2 search_unreachable
said "my_press 0.1.0"
step "$pressroom" repo remove gone
refuses add_no_such_key "$pressroom" repo add other "$work/lab" --key no.key.pub
refuses verify_key_of_installed "$pressroom" plugin verify my_press --key "$ann"

cat > campaign.yaml << END
name: shared
model: starter
protocol: {context: 64, documents: 2}
datasets: {reader: text, path: $prose}
methods: [dense, my_press, {name: my_press, version: 0.1, as: by_version}]
sparsity: [0.5]
seeds: [1]
metrics: [perplexity, cache]
END
step "$pressroom" run campaign.yaml --out results
said "my_press"
grep -q '"key": "'"$ann"'"' results/plugins.lock || fail "the lock does not name the key: $(cat results/plugins.lock)"
step "$pressroom" run campaign.yaml --out results --locked

# --- Back and forth.
step "$pressroom" plugin remove my_press
refuses removed "$pressroom" show my_press
refuses locked_without_plugin "$pressroom" run campaign.yaml --out results --locked
step "$pressroom" plugin rollback
step "$pressroom" show my_press

# --- The reader of a paper.
export PRESSROOM_HOME=$work/eve
refuses fetch_unknown_repository "$pressroom" plugin fetch --lock results/plugins.lock
step "$pressroom" repo add lab "$work/lab" --key "$ann"
step "$pressroom" plugin fetch --lock results/plugins.lock
step "$pressroom" run campaign.yaml --out results --locked

# --- What is not vouched for.
export PRESSROOM_HOME=$work/dan
refuses install_unsigned "$pressroom" plugin install unsigned.press.tar.zst
refuses install_stranger "$pressroom" plugin install "first/$bundle"
refuses install_no_repository "$pressroom" plugin install my_press
step "$pressroom" plugin install unsigned.press.tar.zst --allow-unsigned
step "$pressroom" run campaign.yaml --out unsigned
grep -q unsigned out || fail "the table does not say that a plugin is unsigned: $(cat out)"
grep -q '"unsigned": true' unsigned/provenance.json || fail "provenance does not say unsigned"
"$pressroom" plugin install "first/$bundle" --key ann.key.pub > out 2> err || fail "$(cat err)"

# --- A key that was lost.
step "$pressroom" plugin sign --new-key new.key --passphrase-file passphrase
step "$pressroom" repo add lab "$work/lab" --key "$ann"
step "$pressroom" repo add lab "$work/lab" --key new.key.pub
step "$pressroom" plugin publish "$work/lab" --key ann.key --passphrase-file passphrase --add-key new.key.pub
step "$pressroom" plugin publish "$work/lab" --key new.key --passphrase-file passphrase --revoke "$ann"
refuses install_revoked "$pressroom" plugin install my_press --from lab

passed 10
