COPY FROM DATABASE warehouse TO snapshot;
