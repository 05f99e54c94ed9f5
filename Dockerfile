# The page on any machine with Docker, on its processor: docker build -t digit . && docker run --rm -p 7860:7860 digit
FROM python:3.12-slim

RUN useradd --uid 1000 --create-home user
WORKDIR /home/user/app

# PyTorch's own index has builds without CUDA, a tenth of the size
COPY requirements.txt ./
RUN grep '^torch' requirements.txt > torch.txt \
    && pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu -r torch.txt \
    && pip install --no-cache-dir -r requirements.txt

COPY LICENSE app.py export.py ./
COPY mnist_cnn mnist_cnn/
COPY page page/
COPY web web/
COPY weights weights/

# The files are root's: this user can read them and write into its home and /tmp alone
USER 1000
ENV HOME=/home/user GRADIO_SERVER_NAME=0.0.0.0 PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["env", "no_proxy=*", "python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/', timeout=4)"]
CMD ["python", "app.py"]
