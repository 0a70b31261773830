# The workshop with all that it needs, built: docker build -t workshop . && docker run -p 8000:8000 -it workshop
FROM debian:bookworm
WORKDIR /workshop
COPY . .
RUN ./workshop setup
RUN ./workshop prepare
EXPOSE 8000
CMD ["./workshop", "run", "--host", "0.0.0.0"]
