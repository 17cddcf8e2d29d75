// Pictures as they are sent, by patients and by the clinic's desk.

const LONGEST_SIDE = 1_600; // pixels: enough to judge a skin by, and a tenth of what a phone's camera makes
const QUALITY = 0.85;

/** A picture as JPEG of a size that a mobile network carries. That also leaves behind where it was taken. */
export async function smaller(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const paint = canvas.getContext("2d");
    paint.fillStyle = "#fff";
    paint.fillRect(0, 0, canvas.width, canvas.height);
    paint.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return made || file;
  } catch {
    return file; // a format that this browser can't read; the server says whether it takes it
  }
}
