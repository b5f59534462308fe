SELECT min(published_on), max(published_on) FROM restated;
