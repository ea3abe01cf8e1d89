/** Short questions and answers, written for this set; a line each, `|` between. By language. */
const written: Readonly<Record<string, string>> = {
  English: `
What is the capital of Australia?|Canberra, chosen in 1908 as a compromise between Sydney and Melbourne.
Why is the sky blue?|Air scatters short wavelengths more than long ones, so blue light reaches us from every side.
How many bones does an adult have?|206; a newborn has about 300, many of which fuse.
Who wrote Middlemarch?|George Eliot, the pen name of Mary Ann Evans.
What is 17 times 6?|102.
How do I undo my last git commit but keep the changes?|Run git reset --soft HEAD~1.
Is a tomato a fruit?|Botanically yes, a berry; in the kitchen it counts as a vegetable.
What does HTTP status 404 mean?|The server has found nothing at that address.
At what temperature does water boil?|100 °C at sea level, less on a mountain: about 90 °C at 3,000 metres.
Can dogs eat chocolate?|No. Theobromine in it poisons them, dark chocolate most of all.
What is the difference between a list and a tuple in Python?|A list can be changed after it was made, a tuple cannot.
When did the Berlin Wall fall?|On 9 November 1989.
How long should I boil an egg?|Six minutes for a soft yolk, ten for a firm one, from boiling water.
What is photosynthesis?|Plants make sugar and oxygen from carbon dioxide and water, driven by light.
Which planet has the most moons?|Saturn, with more than 140 that are known.
How do vaccines work?|They show the immune system a harmless part of a germ, so that it remembers it.
What does a semicolon do?|It joins two sentences that belong together more closely than a full stop would.
Why do leaves turn red in autumn?|Chlorophyll breaks down first, and anthocyanins are made late in the season.
What is the speed of light?|299,792,458 metres each second, exactly.
How do I remove a red wine stain?|Blot it, pour on sparkling water or salt, and wash it cold.
What is compound interest?|Interest that is itself added to the sum and earns interest from then on.
Who painted Guernica?|Pablo Picasso, in 1937.
What is the longest river in Europe?|The Volga, about 3,500 kilometres.
Why does bread rise?|Yeast turns sugar into carbon dioxide, which gluten holds in bubbles.
Do bats see?|Yes, quite well; many also hear where things are by echoes.
How often should I change engine oil?|As the handbook says: often every 15,000 kilometres or once a year.
What is an API?|A way for one program to ask another for something, with agreed names and formats.
What is the freezing point of ethanol?|About −114 °C.
How do tides come about?|The moon's pull is stronger on the near side of the earth than on the far one.
What is a haiku?|A poem of three lines with five, seven and five syllables, in its usual English form.
Should I water succulents daily?|No; let the soil dry out first, as a rule for one or two weeks.
What is the GDP of a country?|The value of all goods and services made in it within a year.
Who discovered penicillin?|Alexander Fleming, in 1928, by a mould in a dish he had left open.
What does DNA stand for?|Deoxyribonucleic acid.
How far is the moon?|On average 384,400 kilometres.
What is a leap year?|A year of 366 days: divisible by four, but of the centuries only those divisible by 400.
How do I read a file line by line in Go?|Use bufio.NewScanner on the file and call Scan in a loop.
What are the primary colours of light?|Red, green and blue.
Why do onions make us cry?|Cut cells set free a gas that becomes acid in the eye.
What is inflation?|A rise of prices in general, so that money buys less.`,
  German: `
Wie viele Bundesländer hat Deutschland?|Sechzehn, drei davon sind Stadtstaaten.
Warum ist Schnee weiß?|Die vielen Kristalle werfen Licht aller Farben gleichmäßig zurück.
Wie lange kocht man Spargel?|Je nach Dicke acht bis fünfzehn Minuten, bis man leicht hineinstechen kann.
Wer schrieb den Zauberberg?|Thomas Mann, erschienen 1924.
Was ist ein Primfaktor?|Eine Primzahl, durch die sich eine Zahl ohne Rest teilen lässt.
Darf ich im Wald Pilze sammeln?|Ja, in kleinen Mengen für den eigenen Bedarf, außer in Schutzgebieten.
Wie hoch ist die Zugspitze?|2962 Meter über dem Meer.
Was bedeutet Mehrwertsteuer?|Eine Steuer auf den Verbrauch, die mit jedem Kauf bezahlt wird.`,
  French: `
Quelle est la capitale du Canada ?|Ottawa, et non Toronto ou Montréal comme on le croit souvent.
Pourquoi la mer est-elle salée ?|Les rivières y apportent des sels que l'eau laisse en s'évaporant.
Combien de temps faut-il pour cuire un œuf dur ?|Dix minutes dans l'eau bouillante suffisent.
Qui a écrit Les Misérables ?|Victor Hugo, publié en 1862.
Qu'est-ce qu'un angle droit ?|Un angle de quatre-vingt-dix degrés.
Comment enlever une tache de cire ?|On la laisse durcir, on la gratte, puis on repasse avec du papier absorbant.`,
  Spanish: `
¿Cuántos husos horarios tiene España?|Dos: el de la península y el de las Canarias, una hora menos.
¿Por qué flotan los barcos de acero?|Porque desplazan un peso de agua mayor que el suyo.
¿Quién escribió La casa de Bernarda Alba?|Federico García Lorca, en 1936.
¿Cómo se conserva el aguacate abierto?|Con el hueso dentro, un poco de limón y bien tapado en la nevera.
¿Qué es un eclipse?|El paso de un astro por la sombra de otro, o su ocultación.
¿Cada cuánto se riega una orquídea?|Una vez por semana en verano y cada quince días en invierno.`,
  Japanese: `
日本で一番高い山は何ですか？|富士山です。標高は三千七百七十六メートルあります。
味噌汁はどうやって作りますか？|だしを温め、具を煮てから火を弱め、最後に味噌を溶き入れます。
なぜ海は青く見えるのですか？|水が赤い光を吸収し、青い光を散らすからです。
新幹線はいつ開業しましたか？|一九六四年、東京オリンピックの年に開業しました。`,
  Russian: `
Какая самая длинная река в Сибири?|Обь вместе с Иртышом, около пяти тысяч четырёхсот километров.
Почему лёд не тонет?|При замерзании вода расширяется, поэтому лёд легче воды.
Сколько варить гречку?|Около пятнадцати минут на слабом огне под крышкой.
Кто написал «Мёртвые души»?|Николай Гоголь, первый том вышел в 1842 году.`,
};

export type Pair = { readonly question: string; readonly answer: string };

export const questions: readonly { readonly language: string; readonly pairs: readonly Pair[] }[] = Object.entries(
  written,
).map(([language, lines]) => ({
  language,
  pairs: lines
    .trim()
    .split('\n')
    .map((line) => ({ question: line.split('|')[0]!, answer: line.split('|')[1]! })),
}));
