"""Checks results.tsv against Pillow (libavif): python3 verify.py results.tsv FOLDER

Needs Pillow 11.3 or later. Pillow does not convert code points to sRGB, cut to the clean aperture, or open some old files;
such files are listed. Colours of the first frame may differ by 2 in the mean."""

import io
import sys

from PIL import Image, ImageCms, ImageStat

table, folder = sys.argv[1:]
srgb = ImageCms.createProfile("sRGB")
checked = 0
for line in open(table).read().splitlines()[1:]:
    name, *fields = line.split("\t")
    if len(fields) == 1:
        print(f"{name}: refused: {fields[0]}")
        continue
    size, orientation, alpha, frames, *means = fields
    try:
        image = Image.open(f"{folder}/{name}")
        image.load()
    except Exception as error:
        print(f"{name}: Pillow: {str(error)[:60]}")
        continue
    problems = []
    if size != "%dx%d" % image.size:
        problems.append(f"size {size}, Pillow {image.size}")
    if image.n_frames != int(frames):
        problems.append(f"frames {frames}, Pillow {image.n_frames}")
    if image.getexif().get(0x112, 1) != int(orientation):
        problems.append(f"orientation {orientation}, Pillow {image.getexif().get(0x112)}")
    rgba = image.convert("RGBA")
    if profile := image.info.get("icc_profile"):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        rgb = ImageCms.profileToProfile(image.convert("RGB"), source, srgb, renderingIntent=1)
        rgb.putalpha(rgba.getchannel("A"))
        rgba = rgb
    red, green, blue, opacity = ImageStat.Stat(rgba).mean
    for channel, ours, theirs in zip("BGRA", means, (blue, green, red, opacity)):
        if abs(float(ours) - theirs) > 2:
            problems.append(f"{channel} {ours}, Pillow {theirs:.1f}")
    checked += not problems
    if problems:
        print(f"{name}: " + "; ".join(problems))
print(f"{checked} agree")
