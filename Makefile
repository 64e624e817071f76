# make run: set up, then start. make test: set up, then prove. make demo: see one conversation.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test test-long demo demo-telegram chat-telegram telegram-conversation bench-channels bench-matching check lock clean bench-understanding bench-understanding-full bench-broadcast broadcast-seeds pictures
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 24

run:  ## set up what is missing, then start everything (SQLite, no token needed)
	@$(PYTHON) install.py run
	@$(BIN)/nhipcau run

demo:  ## play one short real conversation over the running system
	@$(PYTHON) install.py run
	@$(BIN)/nhipcau demo

demo-telegram:  ## play one short real conversation, with buttons, over the emulated Telegram
	@$(PYTHON) install.py run
	@$(BIN)/python -m tests.platform.demo

chat-telegram:  ## the same system left up: chat by hand in a browser as if it were Telegram
	@$(PYTHON) install.py run
	@$(BIN)/python -m tests.platform.demo --chat

telegram-conversation:  ## write docs/telegram-conversation.md anew
	@$(PYTHON) install.py run
	@$(BIN)/python -m tests.platform.demo --write docs/telegram-conversation.md

bench-channels:  ## measure the Telegram channel beside two echo bots, write docs/performance-channels.md
	@$(PYTHON) install.py test
	@$(BIN)/python -m bench.channels

test:  ## set up, then check the code and run the tests
	@$(PYTHON) install.py test
	@$(BIN)/python -m tests.check
	@$(BIN)/pytest -q -m "not long" -n 2 --dist loadfile

test-long:  ## every test, the long ones too
	@$(PYTHON) install.py test
	@$(BIN)/python -m tests.check
	@$(BIN)/pytest -q

check:  ## style, types, import rules, data, in one go
	@$(PYTHON) install.py test
	@$(BIN)/python -m tests.check

lock:  ## write lock.txt and lock-test.txt anew (no address may stand in them)
	@$(PYTHON) install.py test
	@$(BIN)/uv pip compile -q pyproject.toml --group build --universal --generate-hashes --no-header -o lock.txt
	@$(BIN)/uv pip compile -q pyproject.toml --group build --group test -c lock.txt --universal --generate-hashes --no-header --no-annotate -o lock-test.txt
	@! grep -n '://' lock.txt lock-test.txt

bench-matching:  ## matching beside BM25, FTS5, PostgreSQL; order, decisions, speed; adds to docs/performance-matching.md
	@$(PYTHON) install.py test
	@$(BIN)/python -m bench.matching --write

bench-understanding:  ## understanding beside Rasa DIET, linear baselines, Duckling, dateparser; cost of one message (minutes)
	@$(PYTHON) install.py run
	@$(BIN)/python -m bench.understanding
	@$(BIN)/python -m bench.understanding.values
	@$(BIN)/nhipcau train
	@$(BIN)/python -m bench.understanding.cost

bench-understanding-full:  ## the same on every class and phrasing (an hour or more with DIET)
	@$(PYTHON) install.py run
	@$(BIN)/python -m bench.understanding --full

bench-broadcast:  ## messages to many: pace, answers beside it, send loops side by side, the one statement (minutes)
	@$(PYTHON) install.py test
	@$(BIN)/python -m bench.broadcast

broadcast-seeds:  ## random faults, stops, deaths of senders: 200 seeds on SQLite, 20 on PostgreSQL (half an hour or more)
	@$(PYTHON) install.py test
	@NHIPCAU_SEEDS=200 $(BIN)/pytest -s -n 0 tests/bot/test_broadcast_faults.py -k "many_seeds and sqlite"
	@NHIPCAU_SEEDS=20 $(BIN)/pytest -s -n 0 tests/bot/test_broadcast_faults.py -k "many_seeds and postgresql"

pictures:  ## take the pictures of the officers' handbook anew (needs Chromium)
	@$(PYTHON) install.py test
	@NHIPCAU_SHOTS=var/shots $(BIN)/pytest -q -n 0 tests/console/test_handbook.py tests/console/test_broadcast_on_a_phone.py tests/console/test_arrivals.py
	@cd var/shots && cp hom-nay.png tro-chuyen.png phieu-dien-thoai.png giay-hen.png cau-tra-loi.png soan-tin.png duyet-tin.png dung-tin.png ../../docs/pictures/
	@cp var/shots/door-welcome-light.png docs/pictures/don-khach.png

clean:  ## remove the environment and test leftovers, keep the data in var/
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
