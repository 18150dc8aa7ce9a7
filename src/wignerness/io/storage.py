"""Datasets as NetCDF files and Zarr folders, which appear whole or not at all, and are read without trust."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._files import appear, refuse_existing, refuse_no_file
from ..errors import FileFormatError, MissingExtraError
from .formats import kind_of, with_checksum, without_checksum, xarray_module

if TYPE_CHECKING:
    import xarray

__all__ = ["check_target", "load_dataset", "write_dataset", "write_netcdf", "write_zarr"]

_ZARR = ".zarr"

# What the content of a Zarr array may be packed with. `pickle` is one of the others: it would run what a file tells it.
_CODECS = frozenset(
    {"blosc", "zlib", "gzip", "zstd", "lz4", "bz2", "shuffle", "crc32", "crc32c", "adler32", "vlen-utf8"}
)
_ZARR_METADATA = (".zarray", ".zgroup", ".zattrs", ".zmetadata")
_LARGEST_METADATA = 2**24
_LARGEST_RATIO = 1100  # of an array to the file that holds it: more than deflate can reach
# Units of ours are those of physics; none of them is a date, whatever it looks like.
_DECODE: dict[str, Any] = {"decode_times": False, "decode_timedelta": False}


def write_netcdf(dataset: xarray.Dataset, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a dataset as a NetCDF file that appears whole or not at all.

    Parameters
    ----------
    dataset : xarray.Dataset
    path : path
    force : bool
        Whether an existing file is replaced.

    Raises
    ------
    FileFormatError
        If the file exists and ``force`` is False, the folder cannot be written to, or a value (a text with a null
        character, say) is none that the format holds.
    MissingExtraError
        If h5netcdf is not installed.

    Notes
    -----
    The content goes to a temporary file beside ``path``, is flushed to the disk, and is then given its name
    in one step. Whoever is killed on the way leaves no file of that name. A checksum of the content is stored with it.
    The content is put together in memory before: on a full disk, HDF5 ends the whole process.
    """
    target = Path(path)
    check_target(target, force=force)
    try:
        content = _netcdf(with_checksum(dataset))
    except (KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise FileFormatError(f"{target} cannot be written: it cannot hold a value ({error}).") from error
    appear(target, lambda part: part.write_bytes(content), force=force)


def _netcdf(dataset: xarray.Dataset) -> memoryview:
    """The content of the file."""
    import h5netcdf

    memory = io.BytesIO()
    store = xarray_module().backends.H5NetCDFStore(h5netcdf.File(memory, "w"))
    try:
        dataset.dump_to_store(store)
    finally:
        store.close()
    return memory.getbuffer()


def write_dataset(dataset: xarray.Dataset, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a Zarr folder where the name ends in ``.zarr``, a NetCDF file otherwise.

    Raises
    ------
    FileFormatError, MissingExtraError
        As `write_zarr` and `write_netcdf`.
    """
    write = write_zarr if Path(path).suffix == _ZARR else write_netcdf
    write(dataset, path, force=force)


def write_zarr(dataset: xarray.Dataset, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a dataset as a Zarr folder (format 2) that appears whole or not at all.

    Parameters
    ----------
    dataset : xarray.Dataset
    path : path
        Of the folder.
    force : bool
        Whether an existing Zarr folder is replaced. Nothing else ever is.

    Raises
    ------
    FileFormatError
        If there is something of that name already (with ``force``: something other than a Zarr folder), or it cannot
        be written.
    MissingExtraError
        If xarray or zarr is not installed.

    Notes
    -----
    As in `write_netcdf`; only that an old folder which is replaced is away for an instant before the new one is there.
    """
    target = Path(path)
    _check_zarr_target(target, force=force)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        _fill(part, dataset)
        _name(part, target)
    except OSError as error:
        raise FileFormatError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _fill(part: Path, dataset: xarray.Dataset) -> None:
    """Write the folder file by file: the threads of Zarr would go on writing after one of them has failed."""
    import zarr

    content: dict[str, Any] = {}
    with_checksum(dataset).to_zarr(zarr.storage.MemoryStore(content), mode="w-", zarr_format=2, consolidated=False)
    for name, buffer in content.items():
        file = part / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(buffer.to_bytes())


def _name(part: Path, target: Path) -> None:
    """Give a finished folder its name; a folder that has it goes."""
    for file in part.rglob("*"):
        if file.is_file():
            with file.open("rb") as content:
                os.fsync(content.fileno())
    old = part.with_suffix(".old")
    if (target / ".zgroup").is_file():
        target.rename(old)
    try:
        part.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def load_dataset(path: str | os.PathLike[str]) -> xarray.Dataset:
    """Read a NetCDF file or a Zarr folder of a result into memory.

    Parameters
    ----------
    path : path
        A file of `write_netcdf` (or of ``to_dataset(...).to_netcdf``), or a folder of `write_zarr`.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    FileFormatError
        If there is nothing of that name, or it is damaged, foreign, or of a later version of the format.
    MissingExtraError
        If xarray, h5netcdf or zarr is not installed.

    Notes
    -----
    Nothing in a file is ever executed: there are no pickles in the format, and a Zarr folder that names other than
    plain compressors is refused before it is opened.
    """
    xarray_module()
    source = Path(path)
    if source.is_dir():
        _require("zarr", "zarr")
        dataset, what = _opened(source, _read_zarr, "Zarr folder"), "a Zarr folder"
    elif source.is_file():
        _require("h5netcdf", "data")
        dataset, what = _opened(source, _read_netcdf, "NetCDF file"), "a NetCDF file"
    else:
        raise FileFormatError(f"There is no file {path}.")
    kind_of(dataset, f"{path} is {what}, but")
    return without_checksum(dataset, str(path))


def _opened(path: Path, read: Callable[[Path], xarray.Dataset], what: str) -> xarray.Dataset:
    try:
        return read(path)
    except FileFormatError:
        raise
    # HDF5, Zarr and their readers raise many kinds of error on bytes that they did not write.
    except (Exception, zlib.error) as error:
        raise FileFormatError(f"{path} is damaged or not a {what}: {error}") from error


def _read_netcdf(path: Path) -> xarray.Dataset:
    _check_hdf5(path)
    return xarray_module().load_dataset(path, engine="h5netcdf", **_DECODE)  # type: ignore[no-any-return]


def _check_hdf5(path: Path) -> None:
    """Refuse an HDF5 file that claims far more than it holds, or that reaches for other files."""
    import h5py

    most = _LARGEST_RATIO * path.stat().st_size

    def check(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and (item.is_virtual or item.external):
            raise FileFormatError(f"{path} is refused: its {name!r} lies in another file.")
        if isinstance(item, h5py.Dataset) and item.size is not None and item.size * item.dtype.itemsize > most:
            raise FileFormatError(f"{path} is damaged: its {name!r} claims {item.size} elements.")

    with h5py.File(path, "r") as file:
        if any(isinstance(file.get(name, getlink=True), h5py.ExternalLink) for name in file):
            raise FileFormatError(f"{path} is refused: it refers to another file.")
        file.visititems(check)


def _read_zarr(path: Path) -> xarray.Dataset:
    _check_zarr(path)
    options = {"engine": "zarr", "consolidated": False, "zarr_format": 2} | _DECODE
    return xarray_module().load_dataset(path, **options)  # type: ignore[no-any-return]


def _check_zarr(path: Path) -> None:
    """Refuse a Zarr folder that asks for more than plain arrays of numbers and texts."""
    if not (path / ".zgroup").is_file():
        raise FileFormatError(f"{path} is a folder, but not a Zarr folder of format 2.")
    for file in path.rglob("*"):
        plain = file.is_file() or file.is_dir()  # what waits in a pipe, say, would be waited for
        if file.is_symlink() or not plain or file.name == "zarr.json":
            raise FileFormatError(f"{path} is not a Zarr folder of wignerness: it holds {file.name!r}.")
        if file.name in _ZARR_METADATA:
            if file.stat().st_size > _LARGEST_METADATA:
                raise FileFormatError(f"{path} is not a Zarr folder of wignerness: {file.name} is too large.")
            _check_array(path, json.loads(file.read_bytes()))


def _check_array(path: Path, found: Any) -> None:
    """Look at every table inside for a codec, and for elements that are objects."""
    if isinstance(found, dict):
        if "dtype" in found and "O" in str(found["dtype"]):
            raise FileFormatError(f"{path} holds objects of Python, which are not read.")
        codecs = [found.get("compressor"), *(found.get("filters") or ())]
        for name in [codec.get("id") if isinstance(codec, dict) else codec for codec in codecs]:
            if name is not None and name not in _CODECS:
                raise FileFormatError(f"{path} is packed with {name!r}, which is not read.")
        for item in found.values():
            _check_array(path, item)


def check_target(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Raise what `write_dataset` would raise before it writes: worth asking before a long computation.

    Raises
    ------
    FileFormatError
        If the file exists and ``force`` is False, or there is no folder for it.
    MissingExtraError
        If xarray or h5netcdf (for Zarr: zarr) is not installed.
    """
    target = Path(path)
    if target.suffix == _ZARR:
        _check_zarr_target(target, force=force)
        return
    for module in ("xarray", "h5netcdf"):
        _require(module, "data")
    refuse_no_file(target)
    _check_name(target, force=force)


def _check_zarr_target(target: Path, *, force: bool) -> None:
    for module, extra in (("xarray", "data"), ("zarr", "zarr")):
        _require(module, extra)
    _check_name(target, force=force)
    if os.path.lexists(target) and not (target / ".zgroup").is_file():
        raise FileFormatError(f"{target} is no Zarr folder, and is left as it is.")


def _check_name(target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise FileFormatError(f"{target} cannot be written: there is no folder {target.parent}.")
    if not force:
        refuse_existing([target])


def _require(module: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(module, extra)
