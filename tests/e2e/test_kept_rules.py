#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every record names the rule set that it was made under, and that is kept (design 2.7): as it was read, whole, by its digest."""
import os
import shutil
import signal
import tarfile

from bench_stage import PlainStage
from stage import run_tests


def kept(stage):
    return sorted(os.listdir(stage.path("journal/rules")))


def reload(stage, event):
    before = stage.broker.count()
    stage.broker.process.send_signal(signal.SIGHUP)
    return stage.broker.wait(event, after=before)


def every_rule_set_that_was_in_force_is_kept_as_it_was_read():
    with PlainStage() as stage:
        long_name = "config/routes/" + "n" * 120 + ".yaml"  # longer than the first form of tar has room for
        stage.write(long_name, "route: other\ntypes: [Alert]\npurpose: bench\nreads: []\nsend_to:\n  - {agency: bench-out}\n")
        stage.start_broker()
        first = stage.ready["rules"]
        assert len(kept(stage)) == 1 and kept(stage)[0].startswith(first), kept(stage)
        with open(stage.path("config/routes/bench.yaml"), "a", encoding="utf-8") as file:
            file.write("# a word more\n")
        second = reload(stage, "rules.reloaded")["rules"]
        assert not second.startswith(first)
        assert sorted(name[:16] for name in kept(stage)) == sorted([first, second[:16]]), kept(stage)
        stage.broker.stop()

        # The older one again: other folders, the same rules.
        with tarfile.open(stage.path("journal/rules", [name for name in kept(stage) if name.startswith(first)][0])) as tar:
            assert {member.isfile() for member in tar.getmembers()} == {True}
            tar.extractall(stage.path("older"))
        assert os.path.exists(stage.path("older", long_name))
        for name in ("routes", "agencies", "subscriptions", "agreements"):
            shutil.rmtree(stage.path("config", name))
            shutil.copytree(stage.path("older/config", name), stage.path("config", name))
        stage.edit("config/enlace.yaml", r"^schemas:.*$", f'schemas: "{stage.path("older/schemas")}"')
        stage.start_broker()
        assert stage.ready["rules"] == first, (stage.ready, first)
        assert len(kept(stage)) == 2


def rules_that_cannot_be_kept_are_not_taken():
    with PlainStage() as stage:
        stage.start_broker()
        first = stage.ready["rules"]
        os.chmod(stage.path("journal/rules"), 0o500)
        with open(stage.path("config/routes/bench.yaml"), "a", encoding="utf-8") as file:
            file.write("# a word more\n")
        line = reload(stage, "rules.refused")
        assert line["rules"].startswith(first), line
        unkept = stage.broker.wait("rules.unkept")
        assert unkept["code"] == "not_permitted" and unkept["remedy"], unkept
        os.chmod(stage.path("journal/rules"), 0o700)
        assert not reload(stage, "rules.reloaded")["rules"].startswith(first)


if __name__ == "__main__":
    run_tests([every_rule_set_that_was_in_force_is_kept_as_it_was_read, rules_that_cannot_be_kept_are_not_taken])
