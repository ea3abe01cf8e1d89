/** The commonest words of languages, which say nothing and stand in every text that somebody wrote. */
const stopWords: Readonly<Record<string, string>> = {
  English:
    'the of and to a in is that for it you on with as are be this was by or from at not have an but they which can will your if has when all there their what we do how more its into use',
  German:
    'der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum kann wenn ich du wir oder',
  French:
    "de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont avec ou son lui nous vous comme mais on peut cette aux leur être fait c'est d l qu",
  Spanish:
    'de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son también puede',
  Portuguese:
    'de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou quando muito nos já eu também só pelo pela até isso pode são você',
  Italian:
    'di e il la che in a un per è una del non con i si le da al dei lo come della sono ma anche più o nel alla ha gli questo delle su se dal ai può cui essere',
  Dutch:
    'de van het een en in is dat op te zijn voor met die niet aan er om ook als dan maar bij of uit nog naar wordt door je deze kan hij over worden heeft tot',
  Polish:
    'w i na z się nie do to że jest o jak po co ale za od przez tym dla czy już lub oraz może są być tego które ze który jego więc także można',
  Czech:
    'a se v na je že o s z do i to k ve pro za by ale si po jako od jsou které který nebo jeho také až už není bylo může tak být podle',
  Swedish:
    'och i att en det som på är av för med den till inte ett om har de var sig så men kan från vid eller när man ska också hur alla detta kommer',
  Turkish:
    've bir bu da de için ile olarak çok daha olan gibi en kadar sonra ne ama ya veya her değil var olduğu bunu mi o göre ise',
  Russian:
    'и в не на что с как а по это к но из у за от для о же так вы или бы при до если есть его их только может уже чтобы который также все можно',
  Ukrainian:
    'і в не на що з як а та це до у за від для про але або ви є його при їх також може чи якщо по ви тільки щоб який все можна',
  Indonesian:
    'yang dan di untuk dengan dari ini pada dalam adalah tidak akan itu ke oleh atau dapat juga sebagai ada anda saya bisa lebih karena',
  Hindi: 'के का में है की और को से पर एक यह हैं कि इस लिए भी नहीं या था ने तो कर हो साथ आप',
};

const languages = Object.entries(stopWords).map(([name, words]) => ({ name, words: new Set(words.split(' ')) }));

/** Scripts written without spaces or with few function words of their own: there, stop words cannot be counted. */
const uncountable = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Arabic}\p{sc=Hebrew}]/u;

export type Language = { readonly name: string /** Of all words, 0 to 1. */; readonly stopShare: number };

/** The language whose stop words are commonest in a text; undefined where they cannot be counted. */
export function languageOf(words: readonly string[]): Language | undefined {
  if (words.length === 0 || uncountable.test(words.slice(0, 400).join(''))) return undefined;
  let best: Language = { name: 'unknown', stopShare: 0 };
  for (const { name, words: stops } of languages) {
    let found = 0;
    for (const word of words) if (stops.has(word)) found += 1;
    if (found / words.length > best.stopShare) best = { name, stopShare: found / words.length };
  }
  return best;
}

const anyStop = new Set(languages.flatMap(({ words }) => [...words]));
export const isStopWord = (word: string): boolean => anyStop.has(word);
