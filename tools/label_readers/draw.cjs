// Draws labels with zpl-renderer-js, for the tests: JSON in, JSON out, one process for as many labels as there are,
// because starting it takes longer than drawing ten of them.
//
// In: [{"zpl": text, "widthMm": number, "heightMm": number, "dotsPerMm": number}, …]
// Out: [["PNG in base 64", … one for each label that came out of the ZPL] or {"error": text}, …]
const fs = require("node:fs");
const { ready } = require("zpl-renderer-js");

(async () => {
  const { api } = await ready;
  const drawn = [];
  for (const { zpl, widthMm, heightMm, dotsPerMm } of JSON.parse(fs.readFileSync(0, "utf8"))) {
    try {
      drawn.push(await api.zplToBase64MultipleAsync(zpl, widthMm, heightMm, dotsPerMm));
    } catch (error) {
      drawn.push({ error: String(error) });
    }
  }
  fs.writeSync(1, JSON.stringify(drawn));
  process.exit(0);
})();
