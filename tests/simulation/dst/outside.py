"""A checker that shares no code with the product: it opens the databases itself, and adds up and hashes in its own way.

What it knows of them is what the design's pages say: names of tables and columns, and how hashes are chained (`books`).
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.simulation.dst.books import Book, Books, Row, chained, feed_of, same, text_of, told
from tests.simulation.dst.goods import Hall
from tests.simulation.dst.wanted import cancels_are_kept, orders_are_as_wanted

WORLD, UNEXPLAINED = "world", "unexplained"

# What the feed says


def feed_without_gaps(book: Book) -> Iterator[str]:
    """The feed is numbered from 1 without gaps, its hashes follow from each other, its last row is a receipt."""
    prev, last = bytes(32).hex(), None
    for number, row in enumerate(feed_of(book), 1):
        if row["seq"] != number:
            yield f"feed: {row['seq']} where {number} should be"
            return
        names = ("site", "seq", "epoch", "kind", "entity", "key", "content")
        prev = chained(prev, [row[name] for name in names])
        if row["hash"] != prev:
            yield f"feed: {number} does not follow from the one before"
            return
        last = row
    if last is not None and last["kind"] != "receipt":
        yield "feed: ends in the middle of an operation"
    heads = book.rows("feed_head")
    if last is not None and [(each["seq"], each["hash"]) for each in heads] != [(last["seq"], last["hash"])]:
        yield "feed: its head is not its last row"


def rows_as_told(book: Book) -> Iterator[str]:
    """Every table that the feed speaks of holds what it says, at the hub."""
    for entity, rows in told(feed_of(book)).items():
        if sorted(rows.values()) != sorted(map(text_of, book.rows(entity))):
            yield f"hub: {entity} is not what the feed says"


# A station


def confirmed_as_told(books: Books, name: str) -> Iterator[str]:
    """What is confirmed at a station is what the feed said up to where it listened: the image where there is one."""
    book = books.of(name)
    cursor = max((row["seq"] for row in book.rows("feed_head")), default=0)
    if cursor and not any(row["seq"] == cursor and row["kind"] == "receipt" for row in books.central().rows("feed")):
        yield f"{name}: listened up to the middle of an operation"
    images: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in book.rows("shadow"):
        images[row["entity"]][row["key"]] = row["image"]
    said = books.told_until(cursor)
    for entity, rows in said.items():
        keys = book.key_columns(entity)
        found = {_key(row, keys): text_of(row) for row in book.rows(entity)}
        for key, image in images[entity].items():
            found.pop(same(key), None)
            if image is not None:
                found[same(key)] = same(image)
        if found != rows:
            yield f"{name}: {entity} is not what the hub said up to {cursor}"
    for entity in images:
        if entity not in said and any(images[entity].values()):
            yield f"{name}: an image of {entity}, of which the hub never spoke"


def _key(row: Row, columns: list[str]) -> str:
    return json.dumps([row[name] for name in columns])


def nothing_waits(books: Books, name: str) -> Iterator[str]:
    """Everything a station did is settled, nothing is kept under it, and it has heard all."""
    book = books.of(name)
    unsettled = Counter(row["state"] for row in book.rows("op_log") if row["state"] != "durable")
    if unsettled:
        yield f"{name}: {dict(unsettled)} not settled"
    for table in ("shadow", "private_out"):
        if book.rows(table):
            yield f"{name}: {len(book.rows(table))} in {table}"
    heads = [max((row["seq"] for row in each.rows("feed_head")), default=0) for each in (book, books.central())]
    if heads[0] != heads[1]:
        yield f"{name}: heard {heads[0]} of {heads[1]}"


def log_follows(book: Book, who: str) -> Iterator[str]:
    """Of each station and incarnation the operations are numbered without gaps and each carries the hash of those before."""
    chains: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in book.rows("op_log"):
        chains[row["station"], row["incarnation"]].append(row)
    names = (
        "id", "kind", "version", "body", "site", "actor", "session", "station", "incarnation", "seq", "device_ms",
        "boot_ns", "base_cursor", "fence",
    )  # fmt: skip
    for rows in chains.values():
        prev = bytes(32).hex()
        for number, row in enumerate(sorted(rows, key=lambda each: each["seq"]), 1):
            raw = [bytes.fromhex(row[n]) if n in ("id", "actor", "session", "station") else row[n] for n in names]
            if row["seq"] != number or row["prev_hash"] != prev or row["hash"] != chained(prev, raw):
                yield f"{who}: operation {row['seq']} of {row['station'][-8:]} does not follow from the one before"
                break
            prev = row["hash"]


# The whole site


def exactly_once(books: Books) -> Iterator[str]:
    """Every operation a station did is at the hub once, as it was done, in the station's order, with one receipt."""
    central = books.central()
    log = Counter(row["id"] for row in central.rows("op_log"))
    there = {row["id"]: row for row in central.rows("op_log")}
    yield from (f"hub: operation {each} is there {count} times" for each, count in log.items() if count > 1)
    receipts = Counter(row["entity"] for row in central.rows("feed") if row["kind"] == "receipt")
    yield from (f"hub: {count} receipts of {each} in the feed" for each, count in receipts.items() if count > 1)
    for name in books.stations:
        for row in books.of(name).rows("op_log"):
            at_the_hub = there.get(row["id"])
            if at_the_hub is None:
                yield f"{name}: {row['kind']} {row['seq']} is not at the hub"
            elif not handed_back(at_the_hub) and (at_the_hub["body"], at_the_hub["kind"]) != (row["body"], row["kind"]):
                yield f"{name}: {row['kind']} {row['seq']} is another at the hub"
    taken = {row["operation"] for row in central.rows("operation_receipt") if row["outcome"] != "duplicate"}
    yield from (f"hub: operation {each} has no receipt but as a duplicate" for each in there if each not in taken)
    last: dict[tuple[str, int], int] = defaultdict(int)
    for row in feed_of(central):
        if row["kind"] == "receipt":
            said = json.loads(row["content"])
            who = said["station"], said["incarnation"]
            if said["seq"] <= last[who]:
                yield f"feed: operation {said['seq']} of {who[0][-8:]} comes after {last[who]}"
            last[who] = said["seq"]


_NOT_GIVEN = ("work_held", "work_given", "work_taken", "planned_elsewhere")


def nothing_refused(book: Book) -> Iterator[str]:
    """No operation failed, and nothing was claimed that the hub had not given; work that is gone may be refused."""
    for row in book.rows("operation_receipt"):
        if row["outcome"] == "failed" or row["reason"] in _NOT_GIVEN:
            yield f"hub: operation {row['seq']} of {row['station'][-8:]} {row['outcome']}: {row['reason'][:80]}"


def handed_back(operation: Row) -> bool:
    """Return whether the hub has an operation from what another station remembered of it: by its rows, not its words."""
    return bool(operation["kind"] == "rights.remember")


_GOODS = ("item", "location", "owner", "lot", "serial", "lpn", "condition")


def ledger_adds_up(book: Book, who: str) -> Iterator[str]:
    """What moved sums to nothing, operation by operation, and to the balances, key by key; none but signed is below."""
    operations: Counter[str] = Counter()
    sums: Counter[tuple[str, ...]] = Counter()
    for row in book.rows("stock_entry"):
        operations[row["operation"]] += row["quantity"]
        sums[tuple(row[name] for name in _GOODS)] += row["quantity"]
    yield from (f"{who}: {each} moved {left} from nowhere" for each, left in operations.items() if left)
    balances = {tuple(row[name] for name in _GOODS): row for row in book.rows("balance")}
    for key in {*sums, *balances}:
        row = balances.get(key)
        if (0 if row is None else row["total"]) != sums[key]:
            yield f"{who}: a balance is not what its entries sum to"
        if row is not None and row["settled"] != row["total"]:
            yield f"{who}: a balance is not settled"
        if row is not None and row["total"] < 0 and not row["signed"]:
            yield f"{who}: a balance is below nothing"
    held: Counter[tuple[str, ...]] = Counter()
    for row in book.rows("reservation"):
        held[tuple(row[name] for name in _GOODS)] += row["quantity"]
    for key in {*held, *balances}:
        if held[key] != (balances[key]["reserved"] if key in balances else 0):
            yield f"{who}: what is reserved of a balance is not what its reservations sum to"


def promised_once(book: Book) -> Iterator[str]:
    """No unit that is there is held for two."""
    for row in book.rows("balance"):
        if row["reserved"] > max(0, row["total"]) and not row["signed"]:
            yield f"hub: {row['reserved']} units are held where {row['total']} are"


def units_once(book: Book, *, finished: bool = True) -> Iterator[str]:
    """No unit of an order is in two parcels, no label on two, and no line has more units than were ordered."""
    void = {row["id"] for row in book.rows("parcel") if row["state"] == "void"}
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in book.rows("parcel_content"):
        if row["parcel"] not in void:
            spans[row["line"]].append((row["first"], row["first"] + row["quantity"]))
    for line, some in spans.items():
        ends = 0
        for first, end in sorted(some):
            if first < ends:
                yield f"hub: a unit of line {line} is in two parcels"
            ends = max(ends, end)
    labels = Counter(row["sscc"] for row in book.rows("parcel") if row["sscc"])
    yield from (f"hub: label {each} on {count} parcels" for each, count in labels.items() if count > 1)
    yield from _no_more_than_before(book, finished)


def _no_more_than_before(book: Book, finished: bool) -> Iterator[str]:
    """No more of a line is loaded than packed, packed than picked, or picked than ordered.

    Single units bear no order's name: a bench that holds several walks packs one that it did not hear of for either's order.
    Until both are walked to their end, what is packed of such lines is held against what is picked of their goods.
    """
    bulk = {row["id"] for row in book.rows("batch") if row["kind"] == "bulk"}
    singles = {row["fulfilment"] for row in book.rows("batch_member") if row["batch"] in bulk}
    picked: Counter[str] = Counter()
    packed: Counter[str] = Counter()
    for row in book.rows("fulfilment_line"):
        if not row["loaded"] <= row["packed"] <= row["quantity"] or row["picked"] > row["quantity"]:
            yield f"hub: of line {row['id']} more is loaded than packed, or more is packed or picked than ordered"
        loose = not finished and row["fulfilment"] in singles
        what = f"singles of {row['owner']} {row['item']}" if loose else f"line {row['id']}"
        picked[what] += row["picked"]
        packed[what] += row["packed"]
    yield from (f"hub: of {each} {packed[each]} are packed and {picked[each]} picked" for each in packed - picked)


def nobody_is_named(book: Book) -> Iterator[str]:
    """No name or street is in what is sent to everybody or kept for ever."""
    private = {str(row[n]) for row in book.rows("contact") for n in ("name", "lines", "city", "postcode") if row[n]}
    private |= {row["name"] for row in book.rows("person_card")}
    for table, column in (("feed", "content"), ("op_log", "body")):
        for row in book.rows(table):
            # By the strings that the JSON is made of: names times rows would be too many to look for one by one.
            if not private.isdisjoint(row[column].split('"')):
                yield f"hub: somebody is named in {table}"
                return


def addresses_stay_where_goods_are_sent(books: Books) -> Iterator[str]:
    """No cart knows where goods go."""
    carts = [name for name in books.stations if name.startswith("cart")]
    yield from (f"{name}: knows where an order goes" for name in carts if books.of(name).rows("contact"))


def people_are_known_where_they_work(books: Books) -> Iterator[str]:
    """Every station knows name and badge of everybody who works here."""
    cards = sorted(map(text_of, books.central().rows("person_card")))
    for name in books.stations:
        if sorted(map(text_of, books.of(name).rows("person_card"))) != cards:
            yield f"{name}: does not know whose badge is whose"


def rights_have_holders(book: Book) -> Iterator[str]:
    """Whoever holds work takes part, under the incarnation it was given to; what was asked for again was begun."""
    stations = {row["id"]: row for row in book.rows("site_station")}
    begun = {row["id"] for row in book.rows("batch") if row["state"] != "ready"}
    packed = {row["id"] for row in book.rows("fulfilment") if row["packed"]}
    begun |= {row["batch"] for row in book.rows("batch_member") if row["fulfilment"] in packed}
    for row in book.rows("work_lease"):
        holder = stations.get(row["station"])
        if row["state"] != "held" or row["stage"] == "load":
            continue
        if holder is None or holder["status"] != "active" or holder["incarnation"] != row["incarnation"]:
            yield f"hub: {row['stage']} {row['work']} is held by a station that has not got it"
        elif row["recalled_at"] and row["work"] not in begun:
            yield f"hub: {row['stage']} {row['work']} was asked for again and not given back"


def numbers_have_one_owner(book: Book) -> Iterator[str]:
    """No two ranges of numbers for one thing overlap, and the site's own goes on behind all of them."""
    ranges: dict[str, list[Row]] = defaultdict(list)
    for row in book.rows("number_range"):
        ranges[row["name"]].append(row)
    for name, some in ranges.items():
        ends = 0
        for row in sorted((row for row in some if row["first"]), key=lambda row: row["first"]):
            if row["first"] < ends:
                yield f"hub: numbers of {name} from {row['first']} belong to two"
            ends = max(ends, row["last"] + 1)
        if any(row["next"] < ends for row in some if not row["first"]):
            yield f"hub: the next own number of {name} belongs to somebody"


def nothing_is_left_open(book: Book) -> Iterator[str]:
    """Everything that was to be looked for is answered, and the hub has heard all it waited for."""
    yield from (f"hub: floor line {row['id']} is open" for row in book.rows("floor_line") if row["answer"] == "open")
    newest = max((row["number"] for row in book.rows("epoch")), default=0)
    yield from (
        f"hub: epoch {newest} does not end" for row in book.rows("epoch")
        if row["number"] == newest and row["state"] != "over"
    )  # fmt: skip
    docks = [row for row in book.rows("site_station") if row["kind"] in ("dock", "desk")]
    if all(row["status"] == "active" for row in docks):
        yield from (
            f"hub: the cancel of {row['order']} is not final" for row in book.rows("order_cancel")
            if row["state"] != "final"
        )  # fmt: skip


def goods_are_where_they_are_booked(book: Book, hall: Hall) -> Iterator[str]:
    """The shelves hold what the books say, and what was booked out is in the van or gone with it."""
    skus = {row["id"]: row["sku"] for row in book.rows("item")}
    places = {row["id"]: row["code"] for row in book.rows("location")}
    booked: Counter[tuple[str, str]] = Counter()
    for row in book.rows("balance"):
        booked[places.get(row["location"], ""), skus[row["item"]]] += row["total"]
    there = Counter({(place, sku): count for place, units in hall.shelves.items() for sku, count in units.items()})
    there += hall.stolen
    for place in hall.shelves:
        for sku in skus.values():
            if booked[place, sku] != there[place, sku]:
                yield f"hall: {there[place, sku]} {sku} at {place}, {booked[place, sku]} in the books"
    orders = {row["id"]: row["number"] for row in book.rows("sales_order")}
    shipped: Counter[tuple[str, str]] = Counter()
    for row in book.rows("fulfilment_line"):
        shipped[orders[row["order"]], skus[row["item"]]] += row["loaded"]
    sent = Counter({(n, sku): count for n in hall.wanted for sku, count in hall.sent(n).items()})
    for each in {*shipped, *sent}:
        if shipped[each] != sent[each]:
            yield f"hall: {sent[each]} of {each} went, {shipped[each]} in the books"


def totes_and_boxes_hold_what_is_booked(book: Book, hall: Hall) -> Iterator[str]:
    """What the books have in a tote lies in it, and what they have in a box that did not go lies in that.

    Of units that are in two parcels by the books, one box at most has them.
    """
    skus = {row["id"]: row["sku"] for row in book.rows("item")}
    codes = {row["id"]: row["code"] for row in book.rows("container")}
    holders = {row["id"]: codes[row["container"]] for row in book.rows("fill")}
    holders |= {row["id"]: row["id"] for row in book.rows("parcel")}
    twice: set[str] = set()
    for row in book.rows("exception_case"):
        said = json.loads(row["facts"]) if row["kind"] == "double_parcel" else {}
        twice |= {said.get("parcel", ""), said.get("other", "")}
    booked: Counter[tuple[str, str]] = Counter()
    for row in book.rows("balance"):
        if row["lpn"] in holders and row["lpn"] not in twice and not row["signed"]:
            booked[holders[row["lpn"]], skus[row["item"]]] += row["total"]
    there: Counter[tuple[str, str]] = Counter()
    for tote, units in hall.totes.items():
        if hall.where[tote] != "astray" or hall.missed.isdisjoint(+hall.inside[tote]):
            there.update({(tote, sku): count for sku, count in units.items()})
    for box in hall.boxes:
        if box.place in ("bench", "aside") and box.parcel.hex() not in twice:
            there.update({(box.parcel.hex(), sku): count for sku, count in box.units.items()})
    for each in {*booked, *there}:
        if booked[each] != there[each]:
            yield f"hall: {there[each]} of {each}, {booked[each]} in the books"


def work_is_done(book: Book) -> Iterator[str]:
    """Every walk that was released is walked to its end."""
    for row in book.rows("batch"):
        if row["state"] != "picked":
            yield f"hub: walk {row['number']} was released and is not done: {row['state']}"


_WAITED_FOR_MS = 600_000
_ABOUT_WALKS = ("waves.set_zones", "waves.release", "picking.start", "rights.grant")


def walks_keep_to_zones(book: Book) -> Iterator[str]:
    """No walk was given to a cart while another that was heard lately works more of its zones, by what the log tells."""
    zone_of = {row["id"]: row["zone"] for row in book.rows("location")}
    heard: dict[str, list[int]] = defaultdict(list)
    for row in book.rows("operation_receipt"):
        heard[row["station"]].append(row["at"])
    # What was cancelled before it was given lies nowhere any more.
    changed = {row["batch"] for row in book.rows("pick_task") if row["state"] == "gone"}
    carts = {row["id"] for row in book.rows("site_station") if row["kind"] == "cart" and row["status"] == "active"}
    works: dict[str, set[str]] = {}
    through: dict[str, set[str]] = {}
    told = [row for row in book.rows("op_log") if row["kind"] in _ABOUT_WALKS]
    for row in sorted(told, key=lambda each: each["position"]):
        said, at = json.loads(row["body"]), row["device_ms"]
        match row["kind"]:
            case "waves.set_zones":
                works[said["station"]] = set(said["zones"])
            case "waves.release":
                through[said["batch"]] = {zone_of[each["key"]["location"]] for each in said["tasks"]}
            case "picking.start":
                through.pop(said["batch"], None)
            case "rights.grant":
                there = {each for each in carts if any(at - _WAITED_FOR_MS <= when < at for when in heard[each])}
                for each in said["grants"]:
                    zones = through.get(each["work"], set()) if each["work"] not in changed else set()
                    most = max((_worked(works.get(name), zones) for name in there), default=0)
                    if each["stage"] == "pick" and _worked(works.get(said["station"]), zones) < most:
                        yield f"hub: a walk was given to {said['station'][-8:]}, and others work more of its zones"
            case _:
                pass


def _worked(works: set[str] | None, zones: set[str]) -> int:
    return len(works & zones if works else zones)


def orders_are_remembered(book: Book, hall: Hall) -> Iterator[str]:
    """Orders of which somebody knew when the hub forgot them are there again."""
    numbers = {row["number"] for row in book.rows("sales_order")}
    yield from (
        f"hub: order {each} was known on the floor, and nobody remembers it" for each in hall.remembered - numbers
    )


def at_the_end(books: Books, hall: Hall, *, forgotten: bool = False, finished: bool = True) -> list[str]:
    """Return everything that is wrong once all have done their work and heard each other.

    Args:
        books: the databases.
        hall: where goods are.
        finished: whether people did all the work there was.
        forgotten: whether the hub or a station forgot something, or made a mistake: then goods and books may differ.
    """
    central = books.central()
    wrong = [
        *feed_without_gaps(central), *rows_as_told(central), *exactly_once(books), *ledger_adds_up(central, "hub"),
        *nobody_is_named(central), *addresses_stay_where_goods_are_sent(books), *people_are_known_where_they_work(books),
        *orders_are_remembered(central, hall), *rights_have_holders(central),
        *numbers_have_one_owner(central), *nothing_is_left_open(central), *cancels_are_kept(central, hall),
    ]  # fmt: skip
    if finished and not (hall.rolled_back or hall.given_up or hall.sent_again):
        wrong += work_is_done(central)
    if not forgotten:
        wrong += [
            *nothing_refused(central),
            # Where two carried the same, walks may be sent for what is not there until the planner or a picker finds out.
            *(promised_once(central) if finished or not hall.apart else ()),
            *units_once(central, finished=finished),
            *goods_are_where_they_are_booked(central, hall),
            *walks_keep_to_zones(central),
        ]
        if finished:
            wrong += [*totes_and_boxes_hold_what_is_booked(central, hall), *orders_are_as_wanted(central, hall)]
    for name in books.stations:
        wrong += [*confirmed_as_told(books, name), *nothing_waits(books, name), *log_follows(books.of(name), name)]
        wrong += ledger_adds_up(books.of(name), name)
        books.let_go(name)
    return [*wrong, *log_follows_at_the_hub(books)]


def log_follows_at_the_hub(books: Books) -> Iterator[str]:
    """The hub's log has the stations' hashes: nothing was altered on the way or since."""
    log = (row for row in books.central().rows("op_log") if not handed_back(row))
    hashes = {(row["id"], row["incarnation"]): row["hash"] for row in log}
    for name in books.stations:
        for row in books.of(name).rows("op_log"):
            # A file that was rolled back sends what it has again, under its new incarnation.
            if hashes.get((row["id"], row["incarnation"]), row["hash"]) != row["hash"]:
                yield f"hub: operation {row['seq']} of {name} has another hash"


def while_it_goes(books: Books, name: str, *, forgot: bool) -> list[str]:
    """Return what is wrong at a station, whatever it has done and not heard yet.

    Args:
        books: all databases.
        name: of the station.
        forgot: whether the hub's machine was ever put back whole: in the same epoch it lacks then what the station heard.
    """
    epochs = {row["epoch"] for book in (books.central(), books.of(name)) for row in book.rows("feed_head")}
    if len(epochs) > 1 or (forgot and not _shares(books, name)):
        # The hub was set back, and the station has not heard of it.
        return list(log_follows(books.of(name), name))
    if books.of(name).rows("loading"):
        # What came with a loading, or with a way back, is newer than the feed as far as it was followed since.
        return [*feed_without_gaps(books.central()), *log_follows(books.of(name), name)]
    return [*feed_without_gaps(books.central()), *confirmed_as_told(books, name), *log_follows(books.of(name), name)]


def _shares(books: Books, name: str) -> bool:
    """Return whether the hub's feed has the last row that a station took."""
    (head,) = books.of(name).rows("feed_head") or [{"seq": 0, "hash": b""}]
    heard = (head["seq"], head["hash"])
    return not head["seq"] or any((row["seq"], row["hash"]) == heard for row in books.central().rows("feed"))


def waiting(books: Books) -> dict[str, list[str]]:
    """Return what still waits to be sent, heard or settled, by who waits; a hub waits until it has heard everybody."""
    parked = [row for row in books.central().rows("operation_receipt") if row["outcome"] == "parked"]
    found = {name: list(nothing_waits(books, name)) for name in books.stations}
    found["hub"] = [f"{len(parked)} parked"] if parked else []
    found["hub"] += nothing_is_left_open(books.central())
    return {who: what for who, what in found.items() if what}


def everything(books: Books) -> Iterator[str]:
    """Yield every row of every database as text, in an order of its own."""
    for who, book in [("hub", books.central()), *((name, books.of(name)) for name in books.stations)]:
        for table in book.names():
            yield from (f"{who} {table} {text}" for text in sorted(map(text_of, book.rows(table))))
