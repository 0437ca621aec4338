#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Scenario S1 end to end, and what else the adapters promise."""
import json
import os
import re
import subprocess

from bus import Bus
from scenario import FOLIO, Scenario
from stage import PLAIN_USER, run_tests, wait_until
from test_crash import identities


def play_acta(stage):
    stage.start_all()
    broken, recorded = stage.step_acta()
    return broken, recorded


def an_acta_becomes_a_referral_in_other_agencies_systems():
    with Scenario() as stage:
        broken, recorded = play_acta(stage)
        assert broken["line"] == 3 and broken["code"] == "row_broken", broken
        with open(stage.path("adapters/inm/rechazos/actas-fila-rota.csv.rejects.csv"), encoding="utf-8") as file:
            assert "row_broken" in file.read()
        assert recorded["verdict"] == "recorded" and recorded["outputs"] == 3, recorded

        shown = stage.step_decisions(recorded["position"])
        agencies = sorted(d["subscription"] for o in shown["outputs"] for d in o["deliveries"])
        assert agencies == ["albergue-esperanza-referrals", "comar-alerts", "unhcr-alerts", "unicef-referrals"], agencies

        record_id, case = stage.case_of(stage.referral_to(shown, "unicef-referrals"))
        text = json.dumps(case, ensure_ascii=False)
        assert case["name_first"] == "Dariela Nohemi" and case["sex"] == "female" and case["estimated"] is True, text
        assert case["protection_status"] == "unaccompanied", text

        folio = stage.referral_to(shown, "albergue-esperanza-referrals")
        wait_until(lambda: folio in [s["canalizacion/folio"] for s in stage.received("albergue-esperanza", "canalizaciones")],
                   f"the shelter has a form for referral {folio}")

        assert stage.step_unicef_accepts(record_id)[0] == 202
        rows = stage.status_rows(1)
        assert FOLIO in rows[1] and record_id in rows[1], rows

        assert stage.step_kobo()[0] == 202
        asylum = json.dumps(stage.received("comar", "solicitudes"), ensure_ascii=False)
        assert "AE-2026-0417" in asylum, asylum

        held, listed = stage.step_unknown_code()
        assert held["code"] == "table_miss", held
        rows = [r for r in listed["rows"] if r["code"] == "table_miss"]
        assert len(rows) == 1 and rows[0]["field"] == "SEXO" and "inm-acta" in rows[0]["place"], listed
        before = len(stage.primero.cases)
        released = stage.step_release(stage.unknown_code())
        assert released["released"] == 1, released
        stage.primero.wait_for(before + 1)
        for agency, folder in (("comar", "avisos"), ("unhcr", "alerts")):
            alerts = json.dumps(stage.received(agency, folder), ensure_ascii=False).upper()
            assert not any(name in alerts for name in ("DARIELA", "MUÑOZ", "CACERES")), f"{agency} received a name"
        identities(stage.metrics())
        log = "\n".join(line for program in stage.programs for line in program.raw)
        for value in ("Dariela", "MUÑOZ", "Zelaya", "Wilmer", "962 000"):
            assert value not in log, f"a personal value in a log: {value}"


def a_date_that_is_none_is_held_at_its_column_and_the_other_rows_go_on():
    with Scenario() as stage:
        stage.start_all()
        good = stage.sample("inm", "actas-2026-11-23.csv")
        assert good.count(b"04/08/2010") == 1
        with open(stage.path("adapters/inm/samples/bad-date.csv"), "wb") as file:
            file.write(good.replace(b"04/08/2010", b"31/02/2010"))
        stage.drop("bad-date.csv")
        held = stage.adapters["inm"].wait("event.answered", origin="bad-date.csv", verdict="held")
        assert (held["line"], held["code"], held["field"]) == (3, "date_invalid", "FECHA_NACIMIENTO"), held
        for line in (2, 4):
            assert stage.answered(line, "bad-date.csv")["verdict"] == "recorded"
        row = [r for r in stage.operator("msg", "ls", "--state", "held")["rows"] if r["code"] == "date_invalid"][0]
        assert row["field"] == "FECHA_NACIMIENTO" and re.search(r"inm-acta-to-\w+\.yaml:\d+:\d+$", row["place"]), row
        identities(stage.metrics())
        assert not any("31/02/2010" in line for program in stage.programs for line in program.raw), "a value in a log"


def a_shelter_that_cannot_use_it_is_told_to_the_sender():
    with Scenario() as stage:
        stage.start_all(without=["albergue-esperanza"])
        shelter = Bus(stage.endpoint, stage.path("secrets/broker.cert"), stage.path("secrets/albergue-esperanza.cert_secret"))
        shelter.hello(subscriptions=["albergue-esperanza-referrals"])
        stage.step_acta()
        referrals = shelter.deliveries(2)  # of two cases, in any order
        shelter.settle_wait("albergue-esperanza-referrals", [r["number"] for r in referrals], "UNUSABLE", code="full")
        rows = stage.status_rows(2)
        assert len(rows) == 3 and len([row for row in rows if row.startswith(FOLIO)]) == 1, rows
        for row in rows[1:]:
            for word in ("NO_ENTREGADA", "ALBERGUE-ESPERANZA", "rejected_by_recipient"):
                assert word in row, rows
        shelter.close()
        identities(stage.metrics())


def the_same_file_again_is_skipped_and_a_corrected_row_is_a_new_revision():
    with Scenario() as stage:
        play_acta(stage)
        stage.drop("actas-2026-11-23.csv", "again.csv")
        done = stage.adapters["inm"].wait("file.done", file="again.csv")
        assert done["same"] == "3" and done["new"] == "0", done
        stage.drop("actas-corregida.csv")
        answered = stage.answered(2, "actas-corregida.csv")
        shown = stage.step_decisions(answered["position"])
        assert all(o["revision"] == 2 for o in shown["outputs"] if o["type"] == "Referral"), shown


def what_is_handed_in_while_the_broker_is_away_arrives_later():
    with Scenario() as stage:
        stage.start_all()
        stage.broker.kill()
        stage.drop("actas-2026-11-23.csv")
        stage.adapters["inm"].wait("file.done", file="actas-2026-11-23.csv")
        assert stage.adapters["inm"].kill() < 0, "the adapter was to be killed"
        stage.start_broker()
        answered = stage.start_adapter("inm").wait("event.answered", origin="actas-2026-11-23.csv", verdict="recorded", line=2, deadline_s=40)
        stage.case_of(stage.referral_to(stage.step_decisions(answered["position"]), "unicef-referrals"))


def a_service_that_fails_for_a_while_gets_it_again():
    with Scenario() as stage:
        stage.primero.fail_with = [503, 500]
        play_acta(stage)
        wait_until(lambda: stage.primero.requests >= 2, "Primero was asked")
        assert stage.adapters["unicef"].wait("post.later")
        sub = [s for s in stage.operator("sub", "ls")["rows"] if s["subscription"] == "unicef-referrals"][0]
        assert sub["dead"] == 0 and sub["pending"] + sub["taken"] == sub["matched"], sub


def the_webhook_answers_for_what_it_gets():
    with Scenario() as stage:
        stage.start_all()
        form = json.loads(stage.sample("albergue-esperanza", "submission.json"))
        assert stage.post("albergue-esperanza", "X-Kobo-Secret", form, secret="wrong")[0] == 403
        assert stage.post("albergue-esperanza", "X-Kobo-Secret", form)[0] == 202
        assert stage.post("albergue-esperanza", "X-Kobo-Secret", form)[0] == 200
        bad = dict(form, **{"persona/idiomas": {"nested": ["object"]}})
        status, answer = stage.post("albergue-esperanza", "X-Kobo-Secret", bad)
        assert status == 422 and json.loads(answer)["field"] == "persona/idiomas", (status, answer)
        assert stage.post("albergue-esperanza", "X-Kobo-Secret", {"x": "y" * 70000})[0] == 413


def a_form_without_consent_goes_nowhere():
    with Scenario() as stage:
        stage.start_all()
        form = json.loads(stage.sample("albergue-esperanza", "submission-without-consent.json"))
        assert stage.post("albergue-esperanza", "X-Kobo-Secret", form)[0] == 202
        line = stage.adapters["albergue-esperanza"].wait("event.answered")
        assert line["verdict"] == "held", line
        assert not os.path.exists(stage.path("adapters/comar/solicitudes")) or not os.listdir(stage.path("adapters/comar/solicitudes"))


def doctor(stage, agency, language="C"):
    stage.give_away()
    result = subprocess.run([os.path.join(stage.bin, "enlace-adapter"), "doctor", "-c", stage.path("adapters", agency, "adapter.yaml"), "--format", "json"],
                            capture_output=True, check=False, timeout=60, cwd=stage.folder, env={**os.environ, "LC_ALL": language}, **PLAIN_USER)
    return result.returncode, {c["check"]: c for c in json.loads(result.stdout)["checks"]}


def doctor_finds_nothing_wrong_with_a_working_adapter_and_names_what_is():
    with Scenario() as stage:
        folder = stage.stage_adapter("inm")
        os.makedirs(os.path.join(folder, "entrada"), exist_ok=True)
        code, checks = doctor(stage, "inm")
        assert code == 0, checks
        for name in ("settings", "own key", "network", "broker key", "enrolment", "clock", "spool", "in folder", "sample record"):
            assert checks[name]["state"] == "ok", (name, checks[name])
        stage.enlace("keys", "new", "--agency", "inm", "--out", stage.path("secrets/unknown.cert"))
        stage.edit("adapters/inm/adapter.yaml", r"^key:.*$", f'key: "{stage.path("secrets/unknown.cert_secret")}"')
        code, checks = doctor(stage, "inm")
        assert code == 1 and checks["enrolment"]["state"] == "failed" and "agency add" in checks["enrolment"]["remedy"], checks
        stage.edit("adapters/inm/adapter.yaml", r"^(broker:\s*)\{.*\}",
                   f'broker: {{endpoint: "{stage.endpoint}", key: "{stage.path("secrets/unknown.cert")}"}}')
        code, checks = doctor(stage, "inm")
        assert code == 1 and checks["broker key"]["state"] == "failed", checks
        stage.broker.stop()
        code, checks = doctor(stage, "inm")
        assert code == 1 and checks["network"]["state"] == "failed" and checks["network"]["remedy"], checks
        os.chmod(stage.path("secrets/unknown.cert_secret"), 0o644)
        code, checks = doctor(stage, "inm")
        assert code == 1 and checks["own key"]["state"] == "failed", checks


def tree(folder):
    """Everything under a folder, with what a change would change."""
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            info = os.lstat(os.path.join(base, name))
            found[os.path.relpath(os.path.join(base, name), folder)] = (info.st_mtime_ns, info.st_size, info.st_mode)
    return found


def doctor_leaves_no_trace_and_speaks_the_readers_language():
    with Scenario() as stage:
        folder = stage.stage_adapter("inm")
        stage.give_away()
        before = tree(folder)
        code, checks = doctor(stage, "inm", "es_MX.UTF-8")
        assert tree(folder) == before, set(tree(folder)) ^ set(before)
        assert code == 0 and checks["spool"]["state"] == "ok", checks
        assert checks["spool"]["cause"] == "la carpeta aún no existe; la primera corrida la crea", checks
        assert checks["in folder"]["state"] == "ok" and checks["own key"]["cause"] == "solo este usuario puede leerla", checks
        os.chmod(folder, 0o555)
        code, checks = doctor(stage, "inm")
        assert code == 1 and checks["spool"]["state"] == "failed" and "700" in checks["spool"]["remedy"], checks


def doctor_may_look_while_the_adapter_runs():
    with Scenario() as stage:
        stage.start_all()
        address = stage.webhook("unicef").split("/")[2]
        stage.edit("adapters/unicef/adapter.yaml", r'listen: "127.0.0.1:0"', f'listen: "{address}"')
        code, checks = doctor(stage, "unicef")
        assert code == 0 and checks["spool"]["cause"] == "in use by the running adapter", checks
        assert checks["webhook"]["state"] == "warning" and "this adapter listens there" in checks["webhook"]["cause"], checks


def wrong_settings_of_an_adapter_are_told_all_at_once_with_their_lines():
    with Scenario() as stage:
        stage.stage_adapter("inm")
        name = "adapters/inm/adapter.yaml"
        stage.edit(name, r"pattern:", "patern:")
        stage.edit(name, r"key: \[FOLIO_ACTA\]", "key: [FOLIO_ACT]")
        stage.give_away()
        result = subprocess.run([os.path.join(stage.bin, "enlace-adapter"), "run", "-c", stage.path(name)], capture_output=True, check=False,
                                timeout=60, cwd=stage.folder, env={**os.environ, "LC_ALL": "C", "NO_COLOR": "1"}, **PLAIN_USER)
        said = result.stderr.decode()
        assert result.returncode == 78, (result.returncode, said)
        for place, hint in ((r"adapter.yaml:\d+:\d+: error\[E0103\] unknown key: patern", r"help: .*: pattern\n"),
                            (r"adapter.yaml:\d+:\d+: error\[E0106\].*FOLIO_ACT\b", r"help: .*: FOLIO_ACTA\n")):
            assert re.search(place, said) and re.search(hint, said), said


if __name__ == "__main__":
    run_tests([wrong_settings_of_an_adapter_are_told_all_at_once_with_their_lines,
               an_acta_becomes_a_referral_in_other_agencies_systems, the_same_file_again_is_skipped_and_a_corrected_row_is_a_new_revision,
               a_date_that_is_none_is_held_at_its_column_and_the_other_rows_go_on,
               a_shelter_that_cannot_use_it_is_told_to_the_sender, what_is_handed_in_while_the_broker_is_away_arrives_later,
               a_service_that_fails_for_a_while_gets_it_again,
               the_webhook_answers_for_what_it_gets, a_form_without_consent_goes_nowhere,
               doctor_finds_nothing_wrong_with_a_working_adapter_and_names_what_is, doctor_leaves_no_trace_and_speaks_the_readers_language,
               doctor_may_look_while_the_adapter_runs])
