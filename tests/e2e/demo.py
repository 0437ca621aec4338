#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`make demo`: plays scenario S1 with the shipped configuration and real processes, and tells what happened as it happens. Ends with 0 when every step did.

The people in it are invented."""
import json
import os
import sys
import time

from scenario import Scenario, wait_until

STARTED = time.monotonic()
BOLD, DIM, RESET = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ("", "", "")


def title(text):
    print(f"\n{BOLD}{text}{RESET}", flush=True)


def say(who, text):
    print(f"  {time.monotonic() - STARTED:5.1f} s  {who:<20} {text}", flush=True)


def more(text):
    print(f"  {'':7}  {'':<20} {DIM}{text}{RESET}", flush=True)


def fields(record, *names):
    return ", ".join(f"{name} = {json.dumps(record[name], ensure_ascii=False)}" for name in names if name in record)


def tell_decisions(shown):
    for output in shown["outputs"]:
        for delivery in output["deliveries"]:
            say("broker", f"{output['type']} -> {delivery['subscription']}  (route {delivery['route']}, agreement {delivery['agreement']})")
            if delivery["hidden"]:
                more("withheld: " + ", ".join(delivery["hidden"]))
        for missed in output["missed"]:
            say("broker", f"{output['type']} not to {missed['agency']}: {missed['reason']}")


def acta(stage):
    title("1  INM's registry exports actas into a folder")
    broken, recorded = stage.step_acta()
    say("INM adapter", f"row {broken['line']} of {broken['origin']} is broken ({broken['code']}): set aside in rechazos/, the other rows go on")
    say("INM adapter", f"{recorded['origin']} row {recorded['line']}: sent, and {recorded['verdict']} by the broker")
    title("2  The broker writes it down, translates it, decides who may know what")
    shown = stage.step_decisions(recorded["position"])
    say("broker", f"durable at position {shown['position']}: {shown['type']} became {len(shown['outputs'])} canonical events")
    tell_decisions(shown)
    return shown


def deliveries(stage, shown):
    title("3  Each in its own schema and words")
    record_id, case = stage.case_of(stage.referral_to(shown, "unicef-referrals"))
    say("UNICEF Primero", fields(case, "name_first", "name_last", "sex", "age", "estimated", "protection_status", "nationality"))
    more(f"answered with its own record id {record_id}, which came back with `taken`")
    wanted = stage.referral_to(shown, "albergue-esperanza-referrals")
    shelter = [r for r in stage.received("albergue-esperanza", "canalizaciones") if r.get("canalizacion/folio") == wanted][0]
    say("shelter, Kobo", fields(shelter, "persona/nombre", "persona/sexo", "persona/edad", "canalizacion/urgencia"))
    for agency, name, folder in (("comar", "COMAR", "avisos"), ("unhcr", "UNHCR", "alerts")):
        alert = stage.received(agency, folder)[0]
        text = json.dumps(alert, ensure_ascii=False)
        assert "Dariela" not in text and "Muñoz" not in text, f"{name} received a name"
        say(f"{name}, alert", ", ".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in list(alert.items())[:5]))
        more("restricted: no name in it")
    return record_id


def answer(stage, record_id):
    title("4  UNICEF accepts, in Primero's words and by its own record id")
    status, _ = stage.step_unicef_accepts(record_id)
    say("UNICEF Primero", f"POST to the adapter's webhook: {status}")
    rows = stage.status_rows(1)
    say("INM, estados.csv", rows[0])
    say("INM, estados.csv", rows[1])


def shelter_form(stage):
    title("5  A shelter sends a Kobo form (curl is the client)")
    status, _ = stage.step_kobo()
    say("shelter, Kobo", f"POST to the adapter's webhook: {status}")
    case = stage.received("comar", "solicitudes")[0]
    say("COMAR, SIRE", ", ".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in list(case.items())[:5] if not isinstance(v, (dict, list))))


def held(stage):
    title("6  An acta with a sex code that nobody has heard of")
    answered, listed = stage.step_unknown_code()
    row = [r for r in listed["rows"] if r["code"] == "table_miss"][0]
    say("INM adapter", f"told: held, {answered['code']} at {answered['field']}")
    say("enlace msg ls", f"position {row['position']}  {row['agency']}  {row['state']}  {row['code']}  {row['field']}  {os.path.basename(row['place'])}")
    cases = len(stage.primero.cases)
    released = stage.step_release(stage.unknown_code())
    say("operator", "adds the code to codes/inm-sexo.csv; enlace reload; enlace msg release --code table_miss")
    say("broker", f"released {released['released']}, still held {released['still_held']}")
    stage.primero.wait_for(cases + 1)
    say("UNICEF Primero", "has the case now")


def main():
    title("enlace: an unaccompanied girl of about 13 is found in Tapachula (everybody in this demo is invented)")
    with Scenario(keep=bool(os.environ.get("DEMO_KEEP"))) as stage:
        say("enlaced", f"listens on {stage.ready['listen']}, CURVE, {stage.ready['keys']} keys, rules {stage.ready['rules']}")
        stage.start_all()
        say("adapters", "INM (file), UNICEF (http), COMAR (file), UNHCR (file), Albergue Esperanza (http and file) are connected")
        shown = acta(stage)
        answer(stage, deliveries(stage, shown))
        shelter_form(stage)
        held(stage)
        title("What was owed and what became of it")
        wait_until(lambda: all(s["pending"] == 0 for s in stage.operator("sub", "ls")["rows"]), "everything is settled")
        for row in stage.operator("sub", "ls")["rows"]:
            ends = [row[end] for end in ("taken", "dead", "discarded", "expired", "withheld", "erased", "pending")]
            assert row["matched"] == sum(ends), f"something disappeared: {row}"
            if row["matched"]:
                say(row["subscription"], f"matched {row['matched']} = taken {row['taken']} + dead {row['dead']} + withheld {row['withheld']} + pending {row['pending']}")
        if stage.keep:
            say("kept", stage.folder)
    title(f"done in {time.monotonic() - STARTED:.1f} s: every step happened, everything is stopped")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failure:
        print(f"\nthe demo did not go as it should: {failure}", file=sys.stderr)
        sys.exit(1)
