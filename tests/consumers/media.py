"""Pictures and sound: Pillow, imageio, tifffile, soundfile."""

from __future__ import annotations

from typing import Any

from tests.consumers.consumer import Consumer, Library, as_bytes

numpy = Library("numpy")
image = Library("PIL.Image")
sequence = Library("PIL.ImageSequence")
tifffile = Library("tifffile")
soundfile = Library("soundfile")
imageio = Library("imageio.v3")


def picture(numbers: list[int]) -> Any:
    return image.frombytes("L", (200, len(numbers) // 50), as_bytes(numbers))


def saving(kind: str, **options: Any) -> Any:
    def write(file: Any, numbers: list[int]) -> None:
        picture(numbers).save(file, kind, **options)

    return write


def saving_frames(kind: str, **options: Any) -> Any:
    def write(file: Any, numbers: list[int]) -> None:
        frames = [picture(numbers[start:][:10_000]) for start in (0, 10_000, 20_000)]
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], **options)

    return write


def read_picture(file: Any) -> object:
    with image.open(file) as found:
        return [
            (frame.format, frame.size, frame.tobytes())
            for frame in sequence.Iterator(found)
        ]


def write_tiff(file: Any, numbers: list[int]) -> None:
    with tifffile.TiffWriter(file) as tiff:
        for start in (0, 20_000):
            page = numpy.array(numbers[start:][:10_000], "u2").reshape(100, 100)
            tiff.write(page, datetime=False, software=False)


def read_tiff(file: Any) -> object:
    with tifffile.TiffFile(file) as tiff:
        return [page.asarray().tolist() for page in tiff.pages]


def write_frame(file: Any, numbers: list[int]) -> None:
    pixels = numpy.array(numbers[:10_000], "u2").astype("u1").reshape(100, 100)
    imageio.imwrite(file, pixels, extension=".png")


def read_frame(file: Any) -> object:
    return imageio.imread(file, extension=".png").tolist()


def sounding(kind: str, *subtype: str) -> Any:
    def write(file: Any, numbers: list[int]) -> None:
        samples = numpy.array(numbers, "u2").astype("i2").reshape(-1, 2)
        soundfile.write(file, samples, 8000, *subtype, format=kind)

    return write


def read_sound(file: Any) -> object:
    with soundfile.SoundFile(file) as sound:
        sound.seek(2_000)
        return sound.format, sound.frames, sound.read().tolist()


CONSUMERS = [
    Consumer("Pillow PNG", saving("PNG", compress_level=1), read_picture),
    Consumer("Pillow GIF", saving_frames("GIF"), read_picture),
    Consumer("Pillow TIFF", saving("TIFF"), read_picture),
    Consumer(
        "Pillow TIFF by libtiff", saving("TIFF", compression="tiff_lzw"), read_picture
    ),
    Consumer("Pillow TIFF pages", saving_frames("TIFF"), read_picture, mode="w+b"),
    Consumer("imageio", write_frame, read_frame),
    Consumer("tifffile", write_tiff, read_tiff),
    Consumer("soundfile WAV", sounding("WAV"), read_sound),
    Consumer("soundfile FLAC", sounding("FLAC"), read_sound),
    Consumer("soundfile OGG", sounding("OGG", "VORBIS"), read_sound, exact=False),
]
