#!/usr/bin/env python3
"""Makes chat_templates.json: what transformers makes of chat templates of the families gemma and phi3.

    python -W ignore tests/goldens/make_chat_templates.py > tests/goldens/chat_templates.json

The templates are made up, with the marks, conditions and white space of the published ones: one
system text and one question come out as they would there. A prompt of null: the template refuses
the system text, or passes over it.
"""

import json
import pathlib
import sys
import tempfile

from jinja2.exceptions import TemplateError
from tokenizers import Tokenizer, models
from transformers import AutoTokenizer

GEMMA = ("{{ bos_token }}"
         "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
         "{% endif %}"
         "{% for message in messages %}"
         "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
         "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
         "{% endfor %}"
         "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")


def gemma3(between):
    return ("{{ bos_token }}\n"
            "{%- set first_user_prefix = '' -%}\n"
            "{%- if messages[0]['role'] == 'system' -%}\n"
            "    {%- set first_user_prefix = messages[0]['content'] + '" + between + "' -%}\n"
            "    {%- set messages = messages[1:] -%}\n"
            "{%- endif -%}\n"
            "{%- for message in messages -%}\n"
            "    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}\n"
            "    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else \"\") }}\n"
            "    {{- message['content'] | trim }}\n"
            "    {{- '<end_of_turn>\\n' }}\n"
            "{%- endfor -%}\n"
            "{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}\n")


PHI3_TURNS = ("{% for message in messages %}"
              "{% if message['role'] == 'system' %}"
              "{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
              "{% elif message['role'] == 'user' %}"
              "{{'<|user|>\n' + message['content'] + '<|end|>\n'}}"
              "{% else %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}"
              "{% endfor %}"
              "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}")
PHI3_QUESTIONS = ("{{ bos_token }}{% for message in messages %}"
                  "{% if (message['role'] == 'user') %}{{'<|user|>' + '\n' + message['content'] + "
                  "'<|end|>' + '\n' + '<|assistant|>' + '\n'}}"
                  "{% elif (message['role'] == 'assistant') %}{{message['content'] + '<|end|>' + '\n'}}"
                  "{% endif %}{% endfor %}")
PHI3_ROLES = ("{{ bos_token }}{% for message in messages %}"
              "{{'<|' + message['role'] + '|>' + '\n' + message['content'] + '<|end|>\n' }}"
              "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}"
              "{% else %}{{ eos_token }}{% endif %}")

TEMPLATES = [("gemma", GEMMA, "<bos>", "<eos>"),
             ("gemma3", gemma3("\\n\\n"), "<bos>", "<eos>"),
             ("gemma3", gemma3("\\n"), "<bos>", "<eos>"),
             ("phi3", PHI3_TURNS, "<s>", "<|endoftext|>"),
             ("phi3", PHI3_QUESTIONS, "<s>", "<|endoftext|>"),
             ("phi3", PHI3_ROLES, "<|begin|>", "<|endoftext|>")]
QUESTIONS = ["What is a cache?", " \nTwo  lines,\nand spaces \t\n"]
SYSTEMS = [None, "Be brief.", "\n Say\nnothing. \n"]


def tokenizer_of(config):
    folder = pathlib.Path(tempfile.mkdtemp())
    Tokenizer(models.WordLevel({"?": 0}, unk_token="?")).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return AutoTokenizer.from_pretrained(folder)


def prompt_of(tokenizer, question, system):
    messages = [{"role": "user", "content": question}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    try:
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except TemplateError:
        return None


def main():
    cases = []
    for family, template, begin, end in TEMPLATES:
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": begin,
                  "eos_token": end, "chat_template": template}
        tokenizer = tokenizer_of(config)
        prompts = []
        for question in QUESTIONS:
            alone = prompt_of(tokenizer, question, None)
            for system in SYSTEMS:
                prompt = prompt_of(tokenizer, question, system)
                is_lost = system is not None and prompt == alone
                prompts.append({"question": question, "system": system,
                                "prompt": None if is_lost else prompt})
        cases.append({"family": family, "tokenizer_config": config, "prompts": prompts})
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
