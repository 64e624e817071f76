"""Which places lie nearest to a point on the map."""

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt

EARTH = 6371.0  # kilometres
FARTHEST = 12.0  # kilometres; a commune is seldom wider
CLEAR = 0.5  # a place at less than half the distance of the next is the only one proposed


def distance(left: tuple[float, float], right: tuple[float, float]) -> float:
    """Kilometres between two points (latitude, longitude in degrees)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, left)), tuple(map(radians, right)))
    a = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(sqrt(a))


def nearest(
    points: Mapping[str, tuple[float, float]], latitude: float, longitude: float, most: int, within: float = FARTHEST
) -> list[str]:
    """The names of the nearest places, nearest first; the nearest alone when it is clearly the nearest, none when all
    are too far."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return []
    ranked = sorted((distance(point, (latitude, longitude)), name) for name, point in points.items())
    found = [(far, name) for far, name in ranked[:most] if far <= within]
    if len(found) > 1 and found[0][0] < CLEAR * found[1][0]:
        found = found[:1]
    return [name for _, name in found]
