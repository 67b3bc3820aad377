"""Sentences for plain English paragraphs, by theme.

A paragraph takes one opening, any number of middles and one closing of one theme. Every opening names `{name}` and `{town}`, which
together differ from record to record. `{first}` is the person's first name, `{she}` and `{her}` the pronouns, `{other}` a second
person, `{n}` a small number, `{day}` a weekday, `{month}` a month, `{a}` and `{b}` words of the theme. Each text is one sentence: it
ends with a full stop and has none inside.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """The wording of one subject. `a` and `b` fill the slots of that name."""

    openings: tuple[str, ...]
    middles: tuple[str, ...]
    closings: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


THEMES = (
    Theme(
        openings=(
            "{name} has run a small bakery near the station in {town} for {n} years.",
            "On {day} morning the bakery that {name} opened in {town} sold out before nine.",
            "In {town}, most people who want fresh {a} go to {name}.",
            "When {name} moved to {town}, there was no bakery within {n} miles.",
        ),
        middles=(
            "The ovens go on at four, and the first tray of {a} comes out an hour later.",
            "{other} helps with the deliveries and knows every back door in the neighbourhood.",
            "Flour prices rose again in {month}, so the smaller loaves now cost a little more.",
            "A regular customer asks for {b} every {day} and always pays in coins.",
            "{first} keeps a notebook with {n} recipes, some of them with the amounts crossed out twice.",
            "Nothing is thrown away, because what is left in the evening goes to the shelter next door.",
            "Last {month} the mixer broke, and for a week everything was kneaded by hand.",
            "The shop is narrow, so the queue often reaches the pharmacy on the corner.",
            "{other} suggested adding {b} to the counter, and it worked better than expected.",
        ),
        closings=(
            "For now, {first} has no plans to open a second shop.",
            "The next batch of {a} is already rising.",
            "By noon the shelves are empty and {she} finally sits down with a coffee.",
            "{first} says the secret is patience and a very old oven.",
        ),
        a=("sourdough", "rye bread", "cinnamon rolls", "bagels", "seeded loaves", "croissants"),
        b=("plum cake", "cheese scones", "almond biscuits", "apple turnovers", "oat bars", "ginger bread"),
    ),
    Theme(
        openings=(
            "{name} leads a team of {n} engineers who build {a} for clinics around {town}.",
            "The {a} that {name} demonstrated in {town} on {day} had been in the making since {month}.",
            "At a small office in {town}, {name} is rewriting {a} that nobody else dared to touch.",
            "{name} joined the software company in {town} to look after {a}.",
        ),
        middles=(
            "The first version was slow, mostly because every request waited for {b}.",
            "{other} found the cause after reading the logs line by line.",
            "A release is planned for {month}, provided that the remaining {n} tests pass.",
            "The team meets every {day} and keeps the meeting under twenty minutes.",
            "Customers had asked for a simpler screen, so three of the menus are gone.",
            "{first} moved {b} to its own service and cut the waiting time by half.",
            "Documentation had been neglected, and new colleagues needed weeks to find their way.",
            "One incident on {day} night led to a checklist that is now pinned above every desk.",
            "{other} would rather fix old bugs than add new features, and the numbers agree.",
        ),
        closings=(
            "{first} calls it boring work that happens to matter.",
            "The plan for the next quarter fits on a single page.",
            "If all goes well, the old system will be switched off in {month}.",
            "So far, nobody has asked to have the old screens back.",
        ),
        a=(
            "a booking tool",
            "a billing system",
            "an appointment app",
            "a stock tracker",
            "a reporting service",
            "a patient portal",
        ),
        b=("the search index", "the mail queue", "the payment check", "the image store", "the audit log"),
    ),
    Theme(
        openings=(
            "{name} planted the first row of {a} in the community garden of {town} in {month}.",
            "The community garden behind the school in {town} began as an idea of {name}.",
            "Every {day}, {name} unlocks the garden gate in {town} before anyone else is awake.",
            "In {town}, {name} turned an empty lot into a garden with {n} beds.",
        ),
        middles=(
            "The soil was full of bricks, and clearing it took most of the spring.",
            "{other} built a fence from old pallets, which keeps the rabbits out on good days.",
            "By {month} there were more {b} than anyone could eat.",
            "Each family looks after one bed and shares the tools in the shed.",
            "Rain is collected in {n} barrels along the south wall.",
            "A row of {a} did not survive the late frost, but the rest recovered.",
            "Children from the school water the beds on {day} afternoons.",
            "{first} writes down what grew well and what the slugs preferred.",
            "The waiting list has {n} names on it, although new beds are added each year.",
        ),
        closings=(
            "What is left over is placed on a table at the gate, free for anyone who passes.",
            "Next year, {first} wants to try {b} along the fence.",
            "Even in winter, somebody always leaves a light on in the shed.",
            "The garden has become the quietest place in the whole district.",
        ),
        a=("tomatoes", "beans", "strawberries", "lettuce", "carrots", "pumpkins"),
        b=("courgettes", "radishes", "peas", "raspberries", "sunflowers", "onions"),
    ),
    Theme(
        openings=(
            "{name} set out from {town} on a {day} in {month} with {n} kilograms on {her} back.",
            "The trail from {town} to the lake is steeper than {name} remembered.",
            "It was still dark in {town} when {name} laced up {her} boots.",
            "{name} has walked the ridge above {town} in every season except {month}.",
        ),
        middles=(
            "After two hours the path left the forest and followed {a}.",
            "{other} carried the map, although the markers were easy to see.",
            "Clouds came in from the west, and for a while {b} disappeared from view.",
            "They met {n} other walkers all day, most of them on the way down.",
            "Lunch was bread and cheese on a flat stone beside {a}.",
            "The last stretch needs steady hands and dry rock, and it had neither.",
            "{first} stopped to take a photograph of {b} and nearly lost a glove.",
            "A sign warned of loose stones, and it was not exaggerating.",
            "The hut at the top opens in {month} and serves soup until it runs out.",
        ),
        closings=(
            "They were back before the last bus, tired and rather pleased.",
            "{first} has already marked the next route on the map.",
            "Nobody mentioned the rain again until the following {day}.",
            "On the way home {she} slept through {n} stops.",
        ),
        a=("a narrow stream", "an old stone wall", "the edge of a gorge", "a line of pines", "a dry riverbed"),
        b=("the summit", "the valley", "the far shore", "the glacier", "the chapel on the hill"),
    ),
    Theme(
        openings=(
            "{name} became head of the public library in {town} in {month}.",
            "The library in {town} lends far more than books, and {name} is the reason.",
            "On {day} evenings {name} keeps the reading room in {town} open until ten.",
            "{name} counted {n} visitors in the library of {town} before lunch on {day}.",
        ),
        middles=(
            "A shelf near the entrance holds {a} that can be borrowed for two weeks.",
            "{other} started a club for people who want to talk about {b}.",
            "The oldest volume in the building survived a flood and still smells of it.",
            "Students book the quiet rooms weeks ahead, above all in {month}.",
            "About {n} books a week come back with notes in the margin.",
            "The budget is small, so every purchase is discussed with care.",
            "{first} replaced the fines with a jar for voluntary coins, and returns went up.",
            "Every {day} a retired teacher reads aloud to whoever happens to be there.",
            "The catalogue was moved to a new system, and only a few titles went missing.",
        ),
        closings=(
            "The next project is a room for {a}.",
            "{first} believes that a library should be the easiest place in town to enter.",
            "Asked for a favourite title, {she} names a different one each time.",
            "The doors open again at eight tomorrow.",
        ),
        a=("board games", "garden tools", "musical instruments", "sewing machines", "telescopes", "cameras"),
        b=("crime novels", "local history", "poetry", "travel writing", "science fiction", "letters"),
    ),
    Theme(
        openings=(
            "{name} repairs bicycles in a former garage in {town}.",
            "The workshop of {name} in {town} has {n} bicycles waiting on any given {day}.",
            "If a wheel squeaks in {town}, sooner or later it ends up with {name}.",
            "{name} learned the trade in {month} by taking apart a rusty bicycle found in {town}.",
        ),
        middles=(
            "Most jobs are simple and come down to {a}.",
            "{other} brings in parts from the scrapyard and sorts them by size.",
            "A full service takes about two hours, unless someone has tried to fix it before.",
            "Prices are written on a board by the door and have not changed since {month}.",
            "Half of the customers are commuters who need {b} before the weekend.",
            "{first} refuses to sell anything that {she} would not ride.",
            "On {day} afternoons people may use the tools for free.",
            "A row of {n} restored frames hangs from the ceiling like laundry.",
            "The hardest part, as {other} learned, is finding the right bolt.",
        ),
        closings=(
            "{first} still rides the first bicycle that {she} ever repaired.",
            "A second stand is on its way, so the queue should become shorter.",
            "The sign outside says closed, but the door is usually open.",
            "Business is good whenever the sun comes out.",
        ),
        a=("worn brake pads", "a loose chain", "a bent rim", "tired bearings", "a flat tyre"),
        b=("new brake cables", "a working light", "a straight wheel", "a quiet chain", "a better saddle"),
    ),
    Theme(
        openings=(
            "{name} has taken the ferry from {town} to work for {n} years.",
            "The ferry from {town} was late on {day}, and {name} used the time to write a letter.",
            "From the harbour in {town}, {name} can see the island where {she} grew up.",
            "{name} is the youngest captain on the line that starts in {town}.",
        ),
        middles=(
            "The crossing lasts forty minutes when the sea is calm.",
            "In {month} the fog is so thick that the horn sounds every two minutes.",
            "{other} sells tea on the upper deck and knows who takes sugar.",
            "Some passengers read, some sleep, and a few watch for {a}.",
            "A crate of {b} slid across the deck during the last storm.",
            "The old timetable still hangs by the ticket office, although nobody follows it.",
            "There were only {n} people on board on {day}, and one of them was a dog.",
            "{first} likes the first boat best, because the harbour is still silent then.",
            "New engines were fitted in {month}, and the conversations became easier to hear.",
        ),
        closings=(
            "A bridge has been promised for decades, and {first} hopes it never comes.",
            "By the time the ropes are tied, the next passengers are already waiting.",
            "The last boat leaves at ten, with or without {other}.",
            "On clear evenings the whole coast lights up behind the stern.",
        ),
        a=("seals", "dolphins", "herons", "fishing boats", "porpoises"),
        b=("oranges", "lamps", "fresh fish", "school books", "apples"),
    ),
    Theme(
        openings=(
            "{name} teaches science at a school in {town} and dislikes textbooks.",
            "For the science fair in {town}, {name} asked {n} pupils to build {a}.",
            "The classroom of {name} in {town} smells of vinegar every {day}.",
            "In {month}, pupils of {name} in {town} measured {b} for a whole week.",
        ),
        middles=(
            "The results were messy, which turned into the best lesson of the term.",
            "{other} forgot to label the jars, so the group had to start again.",
            "Parents donated cardboard, string and {n} empty bottles.",
            "Nobody expected {a} to work at the first try, and indeed it did not.",
            "A drawing on the wall explains how {b} changes through the year.",
            "{first} gives marks for good questions as well as for right answers.",
            "On {day} the whole class went outside to compare notes with the forecast.",
            "The youngest team worked through lunch and asked for more tape.",
            "One pupil found a mistake in the printed tables and wrote to the publisher.",
        ),
        closings=(
            "The prize was a magnifying glass, and it went to {other}.",
            "{first} keeps every report, even the ones with coffee stains.",
            "Next term the class wants to repeat it with better instruments.",
            "What the pupils remember, {she} says, is the part that went wrong.",
        ),
        a=("a water filter", "a small windmill", "a weather station", "a solar oven", "a paper bridge"),
        b=("the temperature", "the rainfall", "the length of shadows", "the noise in the yard", "the level of the river"),
    ),
)
